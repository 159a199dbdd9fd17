"""How billing's database came to be, revision by revision."""
