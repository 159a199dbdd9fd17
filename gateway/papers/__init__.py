"""Invoices, receipts and statements as PDF: set by typst in a process of its own, from data, never from markup."""
