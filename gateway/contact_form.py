"""The form of Contact Us: its fields, and its own signed time, which tells people from programs without asking them."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import current_app, session
from flask_wtf import FlaskForm
from itsdangerous import BadData, URLSafeTimedSerializer
from wtforms import HiddenField, StringField, TelField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional, Regexp

from gateway.forms import email_field, trimmed

LONGEST_MESSAGE = 5000
LONGEST_TOPIC = 120
LONGEST_NAME = 200
LONGEST_PHONE = 40
LONGEST_ID = 100

_VISITOR = "contact_visitor"
_A_WEEK_S = 7 * 24 * 3600
"""A page that lay open for longer has no time of its own any more."""


class ContactForm(FlaskForm):
    """What a signed-in customer fills in; `website` is seen by programs only."""

    topic = StringField(
        "Subject (optional)",
        filters=[trimmed],
        validators=[Length(max=LONGEST_TOPIC, message=f"Use at most {LONGEST_TOPIC} characters.")],
        render_kw={"autocomplete": "off", "maxlength": LONGEST_TOPIC, "dir": "auto"},
    )
    message = TextAreaField(
        "Message",
        filters=[trimmed],
        validators=[
            DataRequired("Write your message here."),
            Length(max=LONGEST_MESSAGE, message=f"Use at most {LONGEST_MESSAGE} characters."),
        ],
        render_kw={"rows": 7, "maxlength": LONGEST_MESSAGE, "dir": "auto"},
    )
    phone = TelField(
        "Phone (optional)",
        filters=[trimmed],
        validators=[Length(max=LONGEST_PHONE, message="This phone number is too long.")],
        render_kw={"autocomplete": "tel"},
    )
    website = StringField("Leave this empty", render_kw={"autocomplete": "off", "tabindex": "-1"})
    opened = HiddenField()
    invoice = HiddenField(validators=[Optional(), Length(max=LONGEST_ID), Regexp(r"^[\w-]+$")])


class StrangerForm(ContactForm):
    """The same for somebody of whom we know nothing."""

    name = StringField(
        "Your name",
        filters=[trimmed],
        validators=[DataRequired("Enter your name."), Length(max=LONGEST_NAME, message="This name is too long.")],
        render_kw={"autocomplete": "name", "dir": "auto"},
    )
    email = email_field("E-mail address", autocomplete="email")


@dataclass(frozen=True, kw_only=True)
class Opened:
    """When a form was made, and its number; nothing where the form does not say so under our own signature."""

    number: str
    open_s: int | None

    @classmethod
    def read(cls, text: str) -> "Opened":
        """What the form's hidden field says."""
        try:
            number, made_at = _serializer().loads(text, max_age=_A_WEEK_S, return_timestamp=True)
        except BadData:
            return cls(number="", open_s=None)
        return cls(number=str(number), open_s=max(0, int((datetime.now(UTC) - made_at).total_seconds())))


def new_opened() -> str:
    """What a new form says in its hidden field."""
    return _serializer().dumps(secrets.token_urlsafe(12))


def visitor_id() -> str:
    """A number for this browser, kept in its cookie: for counting only."""
    return str(session.setdefault(_VISITOR, secrets.token_urlsafe(12)))


def key_of(form: ContactForm, opened: Opened) -> str:
    """The same for the same words of the same form: sent twice it is one message, changed and sent again another."""
    said = [opened.number or visitor_id(), *(str(field.data or "") for field in form if field.name not in _UNSAID)]
    return "contact:" + hashlib.sha256("\0".join(said).encode()).hexdigest()


_UNSAID = ("csrf_token", "opened", "website")


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.config["SECRET_KEY"]), salt="contact-form")
