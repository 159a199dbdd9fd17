"""One-time links: how long they live, and what may be asked for how often."""

from datetime import timedelta

LIFE = timedelta(minutes=60)
"""From the request to the end of the link (product, "Accounts")."""

INVITATION_LIFE = timedelta(days=7)
"""Of a link that the business sends unasked (product, "Accounts")."""

ASKED_WITHIN = timedelta(hours=1)
"""The time in which requests are counted for the two limits below."""

MOST_LINKS_PER_ADDRESS = 5
"""More messages than this would be a way to bury somebody's mailbox. The request is still answered the same."""

MOST_REQUESTS_PER_NETWORK = 300
"""Of one IPv4 address, or one /64 of IPv6: what is beyond it is answered the same and not looked at. High enough for
an office or a mobile network whose customers share an address on the day they are all invited.
"""
