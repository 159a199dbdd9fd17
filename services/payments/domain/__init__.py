"""Rules of paying: pure, without I/O, clock or framework."""
