"""Commands that change money or send something run once per key of their caller."""

import hashlib
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from chassis.clock import system_clock
from chassis.tables import command_keys
from contracts import codes
from contracts.wire import Command, Refused

Answer = TypeVar("Answer")

LONGEST_KEY = 200


def once(session: Session, key: str, command: Command[Any], fn: Callable[[], Answer]) -> Answer:
    """Run `fn` for the first command with this key, and return that answer again for each repetition.

    The key is stored in the caller's transaction: a command that raises leaves its key unused. Two copies at
    the same time run one after the other (the second waits for the first's transaction). Another command, or
    the same with other fields, is Refused `key_reused`.
    """
    if not 0 < len(key) <= LONGEST_KEY:
        raise Refused(codes.INVALID, f"A key has 1 to {LONGEST_KEY} characters.", field="key")
    request_hash = _hash_of(command)
    if not _claim(session, key, request_hash):
        first: Answer = _first_answer(session, key, request_hash, command)
        return first
    answer = fn()
    session.execute(update(command_keys).where(command_keys.c.key == key).values(answer=msgspec.to_builtins(answer)))
    return answer


def _claim(session: Session, key: str, request_hash: str) -> bool:
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    claimed = session.execute(
        insert(command_keys)
        .values(key=key, request_hash=request_hash, created_at=system_clock.now())
        .on_conflict_do_nothing(index_elements=["key"])
        .returning(command_keys.c.key)
    )
    return claimed.scalar_one_or_none() is not None


def _first_answer(session: Session, key: str, request_hash: str, command: Command[Any]) -> Any:
    row = session.execute(
        select(command_keys.c.request_hash, command_keys.c.answer).where(command_keys.c.key == key)
    ).one()
    if row.request_hash != request_hash:
        raise Refused(codes.KEY_REUSED, "This request was already made with other contents.")
    return msgspec.convert(row.answer, command.answer_type)


def _hash_of(command: Command[Any]) -> str:
    name = f"{command.service}.{command.method}\n".encode()
    return hashlib.sha256(name + msgspec.json.encode(command, order="deterministic")).hexdigest()
