"""The blueprint that the page's modules add their addresses to."""

from flask import Blueprint

pages = Blueprint("billing_info", __name__, url_prefix="/billing-info")

AUTO_PAY = "auto-pay"
"""The anchor of the page's last section, and the category of what is said there."""

CARDS = "cards"
