"""A storm over the running portal: customers who pay, what goes wrong meanwhile, and the books afterwards."""
