"""What a message will say, as its event said it: kept with a delivery until the message is out, then erased.

A module for each subject. No secret is among it: a link's token is fetched when its message is sent.
"""
