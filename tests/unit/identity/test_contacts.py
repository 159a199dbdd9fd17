import pytest

from contracts.identity import CustomerRow
from services.identity.domain.contacts import BadRow, Contact, read_row
from services.identity.domain.email_addresses import parse


def row(**values: str | None) -> CustomerRow:
    return CustomerRow(row=1, **{"reference": "C-1", **values})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("reference", ""),
        ("reference", "   "),
        ("reference", "x" * 101),
        ("reference", "C\x001"),
        ("name", ""),
        ("name", "Ana\nBcc: eve@example.com"),
        ("name", "Ana\u202eamiL"),
        ("name", "\ud800"),
        ("name", "x" * 201),
        ("email", "not an address"),
        ("email", "ana@example.com\r\nBcc: eve@example.com"),
        ("phone", "5" * 41),
        ("phone", "555\t1234"),
        ("address", "1 Elm St\x0bTown"),
        ("address", "x" * 501),
    ],
)
def test_a_bad_value_is_refused_naming_the_field(field, value):
    with pytest.raises(BadRow) as refusal:
        read_row(row(**{field: value}))
    assert refusal.value.field == field
    assert str(refusal.value).endswith(".")


def test_a_field_that_is_not_given_leaves_what_is_on_file():
    on_file = Contact(name="Ana", email=parse("ana@example.com"), phone="555", address="1 Elm St")
    assert read_row(row()).applied_to(on_file) == on_file


def test_an_empty_field_removes_what_is_on_file():
    on_file = Contact(name="Ana", email=parse("ana@example.com"), phone="555", address="1 Elm St")
    assert read_row(row(email="", phone=" ", address="")).applied_to(on_file) == Contact(name="Ana")


def test_a_new_customer_without_a_name_goes_by_the_reference():
    assert read_row(row()).applied_to(None).name == "C-1"


def test_names_of_every_script_are_kept_in_composed_form():
    for name in ("José Ñandú", "李小龍", "Владимир", "Ólafur Þór", "محمد", "O’Brien-Smith 🌿", "नि\u200dक"):
        assert read_row(row(name=name)).name == name
    assert read_row(row(name="Jose\u0301")).name == "Jos\u00e9"


def test_an_address_keeps_its_lines():
    assert read_row(row(address="1 Elm St\r\nSpringfield\r\n")).address == "1 Elm St\nSpringfield"
