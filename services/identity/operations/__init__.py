"""What identity does, one module a subject, one function a use case.

A function that takes a `Session` works inside its caller's transaction; one that takes a `Database` opens its own,
because it does slow work (a password's hash) that no transaction may wait for, or tries again after a collision.
"""
