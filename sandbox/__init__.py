"""Stand-ins for the companies the portal talks to: Stripe, Twilio and an e-mail provider.

They speak HTTP as those companies do, so nothing that calls them can tell, and they know nothing of the portal.
"""
