"""Where log-in leads back to when a session turns out to be over at the press of a button: nothing typed is lost."""

from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlsplit

from flask import current_app, request

from gateway.local_paths import local_path

View = TypeVar("View", bound=Callable[..., object])

_ATTRIBUTE = "way_back"


def leads_back_to(path: Callable[[], str]) -> Callable[[View], View]:
    """Of a view that is posted to: the page that shows what was posted again, made of the request's form."""

    def mark(view: View) -> View:
        setattr(view, _ATTRIBUTE, path)
        return view

    return mark


def is_marked() -> bool:
    """Whether the request is for a view that says where it leads back to: one for customers who are logged in."""
    return hasattr(current_app.view_functions.get(request.endpoint or ""), _ATTRIBUTE)


def way_back() -> str | None:
    """The page to return to after logging in: the one that was asked for, or the one with the form."""
    if request.method == "GET":
        return local_path(request.full_path.rstrip("?"))
    view = current_app.view_functions.get(request.endpoint or "")
    path = getattr(view, _ATTRIBUTE, None)
    return local_path(path()) if path else _page_with_the_form()


def _page_with_the_form() -> str | None:
    # The policy same-origin has browsers name the whole address to ourselves, and none of ours to others.
    try:
        parts = urlsplit(request.referrer or "")
    except ValueError:
        return None
    if parts.netloc.lower() != request.host.lower():
        return None
    return local_path(f"{parts.path}?{parts.query}" if parts.query else parts.path)
