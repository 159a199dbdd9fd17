"""The forms of the pages before log-in, and the fields that others share. Flask-WTF adds and checks the form token."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import EmailField, PasswordField, SubmitField
from wtforms.validators import DataRequired, EqualTo, Length, Regexp

LONGEST_EMAIL = 254
SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 256


def trimmed(value: str | None) -> str | None:
    """What was typed, without the blanks around it."""
    return value.strip() if value else value


def email_field(label: str, *, autocomplete: str) -> EmailField:
    """An e-mail address. Only its shape is checked: whether it is on file is never told."""
    return EmailField(
        label,
        filters=[trimmed],
        validators=[
            DataRequired("Enter your e-mail address."),
            Length(max=LONGEST_EMAIL, message="This e-mail address is too long."),
            Regexp(r"^[^@\s]+@[^@\s]+$", message="This does not look like an e-mail address, such as ana@example.com."),
        ],
        render_kw={"autocomplete": autocomplete, "inputmode": "email", "autocapitalize": "none", "spellcheck": "false"},
    )


class LogInForm(FlaskForm):
    """E-mail address and password."""

    email = email_field("E-mail address", autocomplete="username")
    password = PasswordField(
        "Password",
        validators=[
            DataRequired("Enter your password."),
            Length(max=LONGEST_PASSWORD, message="This password is too long."),
        ],
        render_kw={"autocomplete": "current-password"},
    )
    submit = SubmitField("Log in")


class AddressForm(FlaskForm):
    """The e-mail address to which a one-time link goes."""

    email = email_field("E-mail address", autocomplete="email")
    submit = SubmitField("Submit")


class PasswordForm(FlaskForm):
    """The new password, twice."""

    password = PasswordField(
        "Password",
        validators=[
            DataRequired("Enter a password."),
            Length(
                min=SHORTEST_PASSWORD,
                max=LONGEST_PASSWORD,
                message=f"Use {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters.",
            ),
        ],
        render_kw={"autocomplete": "new-password", "minlength": SHORTEST_PASSWORD},
    )
    again = PasswordField(
        "Password again",
        validators=[
            DataRequired("Enter the same password again."),
            EqualTo("password", "The two passwords are not the same. Enter both again."),
        ],
        render_kw={"autocomplete": "new-password", "minlength": SHORTEST_PASSWORD},
    )
    submit = SubmitField("Submit")

    def refuse(self, field: str, message: str) -> None:
        """Show `message` at `field`: the service turned its value down."""
        refuse(self, field, message)


def refuse(form: FlaskForm, field: str, message: str) -> None:
    """Show `message` at a form's field: the service turned its value down."""
    errors: Any = form[field].errors
    form[field].errors = [*errors, message]
