"""What the service `greetings` answers and emits; the module's name is the service's."""

from contracts.wire import Command, Event, View


class Greeting(View):
    text: str
    correlation_id: str = ""


class Greet(Command[Greeting]):
    name: str
    times: int = 1


class Refuse(Command[Greeting]):
    """Refused with `conflict` and details."""


class Crash(Command[Greeting]):
    """Raises something that nobody foresaw."""


class LoseDatabase(Command[Greeting]):
    """Loses its database before it has answered."""


class AnswerNonsense(Command[Greeting]):
    """Answers with what is no plain data."""


class Linger(Command[Greeting]):
    """Answers after `seconds`; `mark` is a file that gets a line when it begins and one when it ends."""

    seconds: float
    mark: str = ""


class PassOn(Command[Greeting]):
    """Asks the service itself over RPC, as services ask each other."""

    name: str


class Announce(Command[Greeting]):
    """Emits `greetings.announced`. Carries its caller's key."""

    key: str
    text: str


class Die(Command[Greeting]):
    """Lets a part of the service fail in a way that ends it."""


class NotAnswered(Command[Greeting]):
    """No method answers this."""


class Announced(Event):
    text: str
