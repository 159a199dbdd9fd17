"""payments: every payment there is, by card or recorded by hand, and the customers' saved cards."""
