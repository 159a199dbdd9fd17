"""Contact Us: a message to the business, for whoever is signed in and for whoever is not.

It works when little else does: without identity the writer is asked who it is, and while notify is away the page keeps
what was typed and shows the telephone number.
"""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from contracts import codes
from contracts.billing import GetInvoice, InvoiceSummary, InvoiceView
from contracts.identity import SessionView
from contracts.notify import WriteToBusiness
from contracts.wire import Command, Refused
from gateway.composition import IdentityAway, ask, read_page, recognize, session_view
from gateway.contact_form import LONGEST_ID, ContactForm, Opened, StrangerForm, key_of, new_opened, visitor_id
from gateway.formats import waiting_words
from gateway.forms import refuse
from gateway.rpc import COMMAND_TIMEOUT_S, UNANSWERED
from gateway.visitor import NotSignedIn, visitor

pages = Blueprint("contact", __name__, url_prefix="/contact")

ABOUT_AN_INVOICE = "A question about invoice {number}"


@pages.get("")
def show() -> ResponseReturnValue:
    """The form; `invoice` is the one that the message will be about."""
    me, invoice = _who(request.args.get("invoice", ""))
    form = ContactForm(formdata=None) if me else StrangerForm(formdata=None)
    form.opened.data = new_opened()
    if invoice is not None:
        form.invoice.data = invoice.invoice_id
        form.topic.data = ABOUT_AN_INVOICE.format(number=invoice.number)
    return _page(form, invoice)


@pages.post("")
def send() -> ResponseReturnValue:
    """Keep the message and go on; or show the form again with what was typed and what is wrong."""
    me, invoice = _who(request.form.get("invoice", ""))
    form = ContactForm() if me else StrangerForm()
    if not form.validate():
        # The session ended or began while this was being written: the words stay, and pressing again sends them.
        return _page(form, invoice, status=422, too_old="csrf_token" in form.errors)
    opened = Opened.read(form.opened.data or "")
    command = WriteToBusiness(
        key=key_of(form, opened),
        message=form.message.data or "",
        topic=form.topic.data or "",
        phone=form.phone.data or "",
        invoice_id=invoice.invoice_id if invoice else None,
        invoice_number=invoice.number if invoice else "",
        visitor_id=visitor_id(),
        ip_address=request.remote_addr or "",
        trap=form.website.data or "",
        open_s=opened.open_s,
        **_writer(me, form),
    )
    try:
        ask(command, COMMAND_TIMEOUT_S)
    except Refused as refused:
        return _refused(refused, form, invoice)
    return redirect(url_for("contact.sent"), 303)


@pages.get("/sent")
def sent() -> str:
    """That it is on its way; the same for everybody."""
    recognize()
    return render_template("contact/sent.html")


def _who(invoice_id: str) -> tuple[SessionView | None, InvoiceSummary | None]:
    """Who is signed in, as far as that can be learned, and the invoice of theirs that this is about."""
    try:
        commands: Mapping[str, Command[Any]] = {}
        if invoice_id and len(invoice_id) <= LONGEST_ID:
            commands = {"invoice": GetInvoice(customer_id=visitor().customer_id, invoice_id=invoice_id)}
        panels = read_page(**commands)
    except (NotSignedIn, IdentityAway):
        return None, None
    # Somebody else's invoice is not there, nor is one while billing is away: the message goes without it.
    found: InvoiceView | None = panels.get("invoice") if commands else None
    return session_view(), found.summary if found is not None else None


def _writer(me: SessionView | None, form: ContactForm) -> dict[str, Any]:
    if me is None:
        return {"name": form["name"].data, "email": form["email"].data}
    return {"customer_id": me.customer_id, "reference": me.reference, "name": me.name, "email": me.email}


def _refused(refused: Refused, form: ContactForm, invoice: InvoiceSummary | None) -> ResponseReturnValue:
    field = refused.details.get("field", "")
    if refused.code == codes.INVALID and field in form:
        refuse(form, field, refused.message)
        return _page(form, invoice, status=422)
    if refused.code == codes.THROTTLED:
        wait_s = int(refused.details.get("retry_after_s", 3600))
        body, status = _page(form, invoice, status=429, wait=waiting_words(wait_s))
        return body, status, {"Retry-After": str(wait_s)}
    if refused.code in UNANSWERED:
        # The form keeps its number: if the message was kept after all, sending it again sends no second one.
        return _page(form, invoice, status=503, is_away=True)
    raise refused


def _page(form: ContactForm, invoice: InvoiceSummary | None, *, status: int = 200, **facts: Any) -> tuple[str, int]:
    if not form.opened.data:
        form.opened.data = new_opened()
    if session_view() is None:
        visitor_id()
    return render_template("contact/contact.html", form=form, invoice=invoice, **facts), status
