"""The forms of the page "Profile". Each goes to an address of its own; their fields are all named differently."""

from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField, TelField, TextAreaField
from wtforms.validators import DataRequired, EqualTo, Length

from gateway.forms import LONGEST_PASSWORD, SHORTEST_PASSWORD, email_field, trimmed

LONGEST_NAME = 200
LONGEST_PHONE = 40
LONGEST_ADDRESS = 500


class DetailsForm(FlaskForm):
    """Name, phone and address."""

    name = StringField(
        "Name",
        filters=[trimmed],
        validators=[DataRequired("Enter your name."), Length(max=LONGEST_NAME, message="This name is too long.")],
        render_kw={"autocomplete": "name", "dir": "auto"},
    )
    phone = TelField(
        "Phone",
        filters=[trimmed],
        validators=[Length(max=LONGEST_PHONE, message="This phone number is too long.")],
        render_kw={"autocomplete": "tel"},
    )
    address = TextAreaField(
        "Address",
        filters=[trimmed],
        validators=[Length(max=LONGEST_ADDRESS, message="This address is too long.")],
        render_kw={"autocomplete": "street-address", "rows": 3, "dir": "auto"},
    )


class NewAddressForm(FlaskForm):
    """The new e-mail address, and the password that proves who asks."""

    new_email = email_field("New e-mail address", autocomplete="email")
    password = PasswordField(
        "Your password",
        validators=[
            DataRequired("Enter your password."),
            Length(max=LONGEST_PASSWORD, message="This password is too long."),
        ],
        render_kw={"autocomplete": "current-password"},
    )


class NewPasswordForm(FlaskForm):
    """The present password, and the new one twice."""

    current_password = PasswordField(
        "Present password",
        validators=[
            DataRequired("Enter your present password."),
            Length(max=LONGEST_PASSWORD, message="This password is too long."),
        ],
        render_kw={"autocomplete": "current-password"},
    )
    new_password = PasswordField(
        "New password",
        validators=[
            DataRequired("Enter a new password."),
            Length(
                min=SHORTEST_PASSWORD,
                max=LONGEST_PASSWORD,
                message=f"Use {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters.",
            ),
        ],
        render_kw={"autocomplete": "new-password", "minlength": SHORTEST_PASSWORD},
    )
    new_again = PasswordField(
        "New password again",
        validators=[
            DataRequired("Enter the same password again."),
            EqualTo("new_password", "The two passwords are not the same. Enter both again."),
        ],
        render_kw={"autocomplete": "new-password", "minlength": SHORTEST_PASSWORD},
    )
