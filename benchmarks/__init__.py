"""Measurements of speed and cost, side by side with the alternatives; `make bench` runs them all."""
