"""balance's tables, revision by revision."""
