"""A mailbox for every address: takes the messages that would be sent by e-mail, and shows them."""
