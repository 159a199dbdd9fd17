"""Making e-mails: a view of the facts, two templates, and the message around them."""
