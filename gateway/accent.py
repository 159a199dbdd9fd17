"""The small stylesheet that carries the business's colour, in a light and a dark scheme, and its icon."""

from html import escape

from gateway.colour import BLACK, WHITE, Colour

LIGHT_GROUNDS = (Colour.parse("#ffffff"), Colour.parse("#f6f6f3"))
"""Panel and page of the light scheme, as in theme.css."""

DARK_GROUNDS = (Colour.parse("#1b1e1b"), Colour.parse("#121412"))
"""Panel and page of the dark scheme, as in theme.css."""


def stylesheet(accent: Colour) -> str:
    """CSS that sets the accent's variables: as it is where it can be read, else its nearest readable shade."""
    light, dark = accent.readable_on(*LIGHT_GROUNDS), accent.readable_on(*DARK_GROUNDS)
    return (
        f":root{{{_variables(light, hover=light.mixed(BLACK, 0.16), tint=light.mixed(WHITE, 0.9))}}}"
        # On a screen only: paper is white whatever the screen is.
        f"@media screen and (prefers-color-scheme:dark){{:root{{"
        f"{_variables(dark, hover=dark.mixed(WHITE, 0.16), tint=dark.mixed(DARK_GROUNDS[0], 0.86))}}}}}"
    )


def icon(business_name: str, accent: Colour) -> str:
    """The browser tab's icon: the business's first letter on its colour, as SVG."""
    letter = escape(next((sign for sign in business_name if sign.isalnum()), "•").upper())
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
        f'<rect width="32" height="32" rx="7" fill="{accent}"/>'
        f'<text x="16" y="22.5" font-family="system-ui,sans-serif" font-size="19" font-weight="700"'
        f' text-anchor="middle" fill="{accent.text_on_it()}">{letter}</text></svg>'
    )


def _variables(accent: Colour, *, hover: Colour, tint: Colour) -> str:
    text = accent.text_on_it()
    return (
        f"--accent:{accent};--accent-rgb:{accent.parts};--accent-hover:{hover};--accent-tint:{tint};"
        f"--accent-text:{text};"
    )
