"""The business's accent colour, made readable: contrast by WCAG 2.2, success criterion 1.4.3."""

import colorsys
import re
from dataclasses import dataclass

READABLE = 4.5
"""The smallest contrast ratio for text."""

_STEP = 0.04


@dataclass(frozen=True)
class Colour:
    """A colour as three parts from 0 to 255."""

    red: int
    green: int
    blue: int

    @classmethod
    def parse(cls, text: str) -> "Colour":
        """Read `#rrggbb`, or raise ValueError."""
        if not re.fullmatch(r"#[0-9a-fA-F]{6}", text):
            raise ValueError("not a colour such as #1f5f8b")
        return cls(int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16))

    def __str__(self) -> str:
        return f"#{self.red:02x}{self.green:02x}{self.blue:02x}"

    @property
    def parts(self) -> str:
        """`red, green, blue`, as Bootstrap's -rgb variables want it."""
        return f"{self.red}, {self.green}, {self.blue}"

    @property
    def luminance(self) -> float:
        """Relative luminance, 0 for black to 1 for white."""
        red, green, blue = (_linear(part / 255) for part in (self.red, self.green, self.blue))
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    def contrast(self, other: "Colour") -> float:
        """The contrast ratio to `other`, 1 to 21."""
        lighter, darker = sorted((self.luminance, other.luminance), reverse=True)
        return (lighter + 0.05) / (darker + 0.05)

    def mixed(self, other: "Colour", share: float) -> "Colour":
        """This colour with `share` (0 to 1) of `other` in it."""
        return Colour(
            *(
                round(own + (its - own) * share)
                for own, its in ((self.red, other.red), (self.green, other.green), (self.blue, other.blue))
            )
        )

    def lightened(self, share: float) -> "Colour":
        """This colour `share` (0 to 1) of the way to white, as colourful as before: white mixed in would grey it."""
        hue, lightness, saturation = colorsys.rgb_to_hls(self.red / 255, self.green / 255, self.blue / 255)
        parts = colorsys.hls_to_rgb(hue, lightness + (1 - lightness) * share, saturation)
        return Colour(*(round(part * 255) for part in parts))

    def readable_on(self, *grounds: "Colour") -> "Colour":
        """The nearest shade of this colour that text may have on every one of `grounds`."""
        darker = min(ground.luminance for ground in grounds) > 0.18
        shade, share = self, 0.0
        while share < 1 and min(shade.contrast(ground) for ground in grounds) < READABLE:
            share = min(share + _STEP, 1)
            shade = self.mixed(BLACK, share) if darker else self.lightened(share)
        return shade

    def text_on_it(self) -> "Colour":
        """White where white can be read on this colour, else black; one of the two always can."""
        return WHITE if self.contrast(WHITE) >= READABLE else BLACK


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


BLACK = Colour(0, 0, 0)
WHITE = Colour(255, 255, 255)
