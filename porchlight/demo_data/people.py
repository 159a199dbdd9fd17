"""The customers of Green Acres: names, addresses and what each has done at which price."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Person:
    """A customer. `mowing_minor` is the price of one mowing; `pays` says how promptly invoices are settled."""

    reference: str
    name: str
    street: str
    mowing_minor: int
    pays: str

    @property
    def email(self) -> str:
        """An address in a domain that cannot exist (RFC 2606)."""
        local = "".join(letter for letter in self.name.lower() if letter.isalpha() or letter == " ")
        return f"{local.split()[0]}.{local.split()[-1]}@customers.example"

    @property
    def phone(self) -> str:
        """A number that is nobody's: 555-0100 to 555-0199 are kept free for such."""
        return f"(607) 555-0{100 + int(self.reference.removeprefix('GA-')) - 1000}"

    @property
    def address(self) -> str:
        return f"{self.street}, Maple Falls, NY 13902"


_PEOPLE = (
    # name, street, price of a mowing, how they pay
    ("Ana Alvarez", "14 Elm St", 4900, "behind"),
    ("Ben Okafor", "3 Birch Ln", 4500, "promptly"),
    ("Carol Whitfield", "218 Orchard Ave", 5200, "promptly"),
    ("Dmitri Sokolov", "77 Ridge Rd", 6000, "slowly"),
    ("Elena Petrova", "9 Chapel Ct", 4500, "promptly"),
    ("Francis Delacroix", "451 Old Mill Rd", 8500, "promptly"),
    ("Grace Kim", "30 Juniper Way", 4900, "promptly"),
    ("Hassan Haddad", "112 Lakeview Dr", 5500, "slowly"),
    ("Imani Johnson", "6 Sycamore St", 4500, "promptly"),
    ("Jack Thornton", "1801 County Rd 9", 12500, "behind"),
    ("Karin Lindqvist", "25 Hemlock Pl", 4900, "promptly"),
    ("Luis Moreno", "58 Cherry Hill", 5200, "slowly"),
    ("Mary O'Brien", "4 Rectory Ln", 4500, "promptly"),
    ("Nadia Rahman", "93 Willow Bend", 5500, "promptly"),
    ("Owen Pritchard", "310 Quarry St", 4900, "slowly"),
    ("Priya Natarajan", "16 Aspen Ct", 5200, "promptly"),
    ("Quentin Marsh", "8 Tannery Row", 4500, "behind"),
    ("Rosa Castellanos", "205 Garden St", 4900, "promptly"),
    ("Samuel Adeyemi", "67 Highland Ave", 6500, "promptly"),
    ("Teresa Novak", "41 Locust St", 4500, "promptly"),
    ("Umar Siddiqui", "19 Foxglove Dr", 5200, "slowly"),
    ("Violet Chambers", "500 Meadowbrook Ln", 7500, "promptly"),
    ("Walter Nguyen", "12 Pond St", 4900, "promptly"),
    ("Xiomara Reyes", "33 Spruce St", 4500, "promptly"),
    ("Yusuf Demir", "88 Station Rd", 5500, "behind"),
    ("Zoe Hartmann", "7 Violet Ct", 4900, "promptly"),
    ("Maple Falls Library", "1 Main St", 9500, "slowly"),
    ("St. Brendan's Parish", "44 Church St", 11000, "promptly"),
    ("Ridgeline Dental", "620 Commerce Dr", 8000, "promptly"),
    ("Tidewater Property Management", "900 Harbor Blvd", 14500, "slowly"),
)

PEOPLE = tuple(
    Person(reference=f"GA-{1001 + place}", name=name, street=street, mowing_minor=price_minor, pays=pays)
    for place, (name, street, price_minor, pays) in enumerate(_PEOPLE)
)

VISITOR = PEOPLE[0]
"""The customer whose log-in the demo prints: part of what she owes is past due."""
