"""notify's rules: pure functions and values, without a database, a clock or a framework."""
