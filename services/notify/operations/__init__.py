"""What notify does, one module a subject, one function a use case.

Functions that take an event work inside the listener's transaction and do no I/O besides; `sending` opens short
transactions of its own around the calls to the mail server.
"""
