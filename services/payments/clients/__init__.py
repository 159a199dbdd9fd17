"""The payment provider, behind a small interface."""
