"""The customer's portal on the web: pages composed from the services' answers. No database, no domain logic."""
