"""What every part answers with."""

from contracts.wire import View


class Done(View):
    """The request was taken. It says no more on purpose where more would tell who is a customer."""
