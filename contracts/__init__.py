"""The wire between Porchlight's services: commands, events, views, refusals and names.

One module per owning service. Types are frozen msgspec Structs; changes are additive: a new field has a
default, a field is never renamed or given another meaning. This package imports nothing of ours.
"""
