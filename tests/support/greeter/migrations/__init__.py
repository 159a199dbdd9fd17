"""The greeter's one revision: it has no tables but the chassis's."""
