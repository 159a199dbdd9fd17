"""A shop that sells and two listeners, to try the chassis's messages with."""
