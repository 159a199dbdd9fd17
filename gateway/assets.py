"""Static files under names that change with their content, so that browsers may keep them for a year.

Bootstrap's stylesheet and icons are those that Bootstrap-Flask ships; no file comes from another host.
"""

import gzip
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import flask_bootstrap
from flask import Blueprint, Response, abort, request

from gateway import accent
from gateway.colour import Colour

OWN = Path(__file__).parent / "static"
BOOTSTRAP = Path(flask_bootstrap.__file__).parent / "static" / "bootstrap5"

ICONS = (
    "arrow-left",
    "arrow-repeat",
    "arrow-return-left",
    "arrow-right",
    "bell",
    "bell-slash",
    "box-arrow-right",
    "calendar-event",
    "cash-stack",
    "chat-left-dots",
    "check-circle-fill",
    "chevron-down",
    "chevron-right",
    "clock",
    "clock-history",
    "credit-card",
    "download",
    "envelope",
    "exclamation-circle-fill",
    "exclamation-triangle",
    "file-earmark-text",
    "geo-alt",
    "globe",
    "hourglass-split",
    "info-circle",
    "link-45deg",
    "list",
    "lock",
    "lock-fill",
    "moon",
    "person",
    "person-circle",
    "phone",
    "piggy-bank",
    "printer",
    "search",
    "shield-check",
    "slash-circle",
    "telephone",
    "x-circle-fill",
)
"""The icons that pages use; the sprite holds these alone."""

_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_SMALLEST_TO_COMPRESS = 1024
_A_YEAR_S = 31_536_000


@dataclass(frozen=True)
class Asset:
    """One file as it is sent. `digest` is of its content and part of its address."""

    name: str
    digest: str
    body: bytes
    compressed: bytes | None

    @classmethod
    def of(cls, name: str, body: bytes) -> "Asset":
        compressed = gzip.compress(body, mtime=0) if len(body) >= _SMALLEST_TO_COMPRESS else None
        return cls(name, hashlib.sha256(body).hexdigest()[:16], body, compressed)

    @property
    def path(self) -> str:
        """Where the portal serves it."""
        return f"/static/{self.digest}/{self.name}"

    @property
    def media_type(self) -> str:
        return _TYPES[Path(self.name).suffix]


class Assets:
    """Every static file of the portal, read once at start."""

    def __init__(self, *, business_name: str, accent_color: str) -> None:
        colour = Colour.parse(accent_color)
        bodies: Mapping[str, bytes] = {
            "bootstrap.css": _without_source_map((BOOTSTRAP / "css" / "bootstrap.min.css").read_bytes()),
            "icons.svg": _sprite(),
            "accent.css": accent.stylesheet(colour).encode(),
            "icon.svg": accent.icon(business_name, colour).encode(),
            **{path.name: path.read_bytes() for path in sorted(OWN.iterdir()) if path.suffix in _TYPES},
        }
        self._by_name = {name: Asset.of(name, body) for name, body in bodies.items()}
        self._paths = {name: asset.path for name, asset in self._by_name.items()}

    def path(self, name: str) -> str:
        """The address of the file `name`; KeyError when there is none, so that a page never links to nothing."""
        return self._paths[name]

    def get_body(self, name: str) -> bytes:
        """The content of the file `name`."""
        return self._by_name[name].body

    def get(self, digest: str, name: str) -> Asset | None:
        """The file of that name with that very content."""
        asset = self._by_name.get(name)
        return asset if asset is not None and asset.digest == digest else None


def blueprint(assets: Assets) -> Blueprint:
    """Serve `assets` under /static/<digest>/<name>."""
    pages = Blueprint("assets", __name__)

    @pages.get("/static/<digest>/<name>")
    def static_file(digest: str, name: str) -> Response:
        asset = assets.get(digest, name)
        if asset is None:
            abort(404)
        body, encoding = asset.body, None
        if asset.compressed is not None and request.accept_encodings["gzip"] > 0:
            body, encoding = asset.compressed, "gzip"
        response = Response(body, mimetype=asset.media_type)
        response.headers["Cache-Control"] = f"public, max-age={_A_YEAR_S}, immutable"
        if asset.compressed is not None:
            response.headers["Vary"] = "Accept-Encoding"
        if encoding:
            response.headers["Content-Encoding"] = encoding
        return response

    return pages


def _sprite() -> bytes:
    """Bootstrap's icon sprite (1 MB) cut down to the icons in use."""
    whole = (BOOTSTRAP / "icons" / "bootstrap-icons.svg").read_text(encoding="utf-8")
    symbols = {match["id"]: match[0] for match in re.finditer(r'<symbol[^>]* id="(?P<id>[^"]+)".*?</symbol>', whole)}
    missing = [name for name in ICONS if name not in symbols]
    if missing:
        raise LookupError(f"Bootstrap-Flask ships no icon {', '.join(missing)}")
    return ('<svg xmlns="http://www.w3.org/2000/svg">' + "".join(symbols[name] for name in ICONS) + "</svg>").encode()


def _without_source_map(css: bytes) -> bytes:
    # The map is not served; a reference to it would be a 404 in every developer's console.
    return re.sub(rb"/\*# sourceMappingURL=.*?\*/", b"", css)
