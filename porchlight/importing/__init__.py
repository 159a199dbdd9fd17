"""Reading what the business brings along: CSV files with any header names, row by row, losing nothing."""
