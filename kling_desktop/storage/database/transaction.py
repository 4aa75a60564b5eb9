"""One transaction of SQLite: committed whole, or rolled back by whatever ends its block."""

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from typing import Literal

from kling_desktop.storage.cleanup import cleanup_on_failure


@contextmanager
def transaction(
    connection: sqlite3.Connection, kind: Literal["IMMEDIATE", "EXCLUSIVE"] = "IMMEDIATE"
) -> Generator[None, None, None]:
    """Begin, run the block, commit; roll back when the block or the commit fails."""
    connection.execute(f"BEGIN {kind}")

    def roll_back() -> None:
        # A full disk makes SQLite roll back by itself; then there is nothing left to do.
        if connection.in_transaction:
            connection.execute("ROLLBACK")

    with cleanup_on_failure(roll_back):
        yield
        connection.execute("COMMIT")
