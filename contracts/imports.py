"""What imports share: where data came from, and how each row fared."""

from typing import Literal

from contracts.wire import View

Origin = Literal["portal", "import"]
"""`import`: history that the business brought along. Nobody is written to about it and nothing is charged."""

RowStatus = Literal["created", "updated", "unchanged", "refused"]


class RowResult(View):
    """How one row of an import fared. A refused row has changed nothing; `code` and `message` say why."""

    row: int
    status: RowStatus
    id: str | None = None
    state: str | None = None
    code: str | None = None
    message: str | None = None
