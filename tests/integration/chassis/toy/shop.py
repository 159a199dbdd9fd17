"""The shop's one event. Its payload says how its listeners should misbehave."""

from contracts.wire import Event


class Sold(Event):
    number: int
    fails: int = 0
    kills: bool = False
    first_try_takes_s: float = 0.0


class Opened(Event):
    at_hour: int
