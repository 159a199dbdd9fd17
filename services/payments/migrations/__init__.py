"""The revisions of payments' tables."""
