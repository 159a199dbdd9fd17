"""Porchlight's services. None of them imports another: they meet in `contracts` only."""
