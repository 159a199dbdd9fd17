"""A believable lawn-care business: thirty customers and two seasons of invoices, payments and credits."""
