"""A stand-in for Stripe: the part of its API that the portal calls, and the script that a page loads."""
