"""The rules of invoices, credits, holds and allocations: pure, no I/O, no clock, no framework."""
