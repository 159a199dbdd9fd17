"""The use cases of payments, one function each."""
