"""TwiML: what an account's webhook answers. Source: Twilio's documentation, "TwiML for Programmable Messaging"."""

from html.parser import HTMLParser


class _Messages(HTMLParser):
    """A lenient reader: whatever is not a message is passed over, and no entity is ever fetched."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "message":
            self._inside = True
            self.texts.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == "message":
            self._inside = False

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.texts[-1] += data


def messages_of(twiml: str) -> list[str]:
    """The texts of `<Response><Message>…`, in order; none where the answer holds none."""
    reader = _Messages()
    reader.feed(twiml)
    return [text.strip() for text in reader.texts if text.strip()]
