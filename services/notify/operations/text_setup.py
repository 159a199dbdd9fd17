"""What all that has to do with texts is told by the settings."""

from dataclasses import dataclass

from services.notify.domain.text_words import Words


@dataclass(frozen=True, kw_only=True)
class TextSetup:
    """`is_offered`: there is somebody to send texts by. `region` is the country whose numbers are written without a
    country code, `business_zone` where a number is taken to be that tells no zone.
    """

    is_offered: bool
    words: Words
    region: str
    business_zone: str
