"""API objects as JSON documents, in order of creation, found by id or by owner."""

import json
import sqlite3
from collections.abc import Sequence
from typing import Any

Document = dict[str, Any]


class Documents:
    """The documents inside one transaction. A document's `id` is unique over all kinds."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def get(self, kind: str, document_id: str) -> Document | None:
        """The document, or None where there is no such id of this kind."""
        row = self._connection.execute(
            "SELECT body FROM documents WHERE id = ? AND kind = ?", (document_id, kind)
        ).fetchone()
        return None if row is None else json.loads(row[0])

    def put(self, kind: str, document: Document, *, owner: str | None = None) -> None:
        """Inserts the document, or replaces it and its owner; its place in the order stays."""
        self._connection.execute(
            "INSERT INTO documents (kind, id, owner, body) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET owner = excluded.owner, body = excluded.body",
            (kind, document["id"], owner, json.dumps(document)),
        )

    def page(
        self,
        kind: str,
        *,
        limit: int,
        owner: str | None = None,
        after: str | None = None,
        before: str | None = None,
        where: str = "",
        values: Sequence[Any] = (),
        offset: int = 0,
    ) -> tuple[list[Document], bool]:
        """Up to `limit` documents, newest first, and whether there are more.

        `after` and `before` are ids: documents older or newer than it. `where` is further SQL over `body`.
        """
        clauses, bound = ["kind = ?"], [kind]
        if owner is not None:
            clauses.append("owner = ?")
            bound.append(owner)
        if after is not None:
            clauses.append("seq < (SELECT seq FROM documents WHERE id = ?)")
            bound.append(after)
        if before is not None:
            clauses.append("seq > (SELECT seq FROM documents WHERE id = ?)")
            bound.append(before)
        if where:
            clauses.append(f"({where})")
            bound.extend(values)
        order = "ASC" if before is not None and after is None else "DESC"
        # The parts are this package's own text; every value is bound.
        rows = self._connection.execute(
            f"SELECT body FROM documents WHERE {' AND '.join(clauses)} ORDER BY seq {order} LIMIT ? OFFSET ?",  # noqa: S608
            (*bound, limit + 1, offset),
        ).fetchall()
        found = [json.loads(body) for (body,) in rows[:limit]]
        if order == "ASC":
            found.reverse()
        return found, len(rows) > limit

    def owners(self, kind: str, *, limit: int) -> list[tuple[str, int]]:
        """The owners of documents of a kind with how many each has, the most recently active first."""
        return self._connection.execute(
            "SELECT owner, count(*) FROM documents WHERE kind = ? AND owner IS NOT NULL"
            " GROUP BY owner ORDER BY max(seq) DESC LIMIT ?",
            (kind, limit),
        ).fetchall()
