"""The request that the measurements of RPC make: a text there and back."""

from contracts.wire import Command, View

MESSAGE_BYTES = 500


class Echoed(View):
    text: str


class Echo(Command[Echoed]):
    text: str


TEXT = "x" * MESSAGE_BYTES
