"""identity: customers and how to reach them, log-ins, one-time links, sessions, and the business's clock."""
