"""The numbered schema files, and how they migrate an old database one by one."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from importlib.resources import files

from kling_desktop.storage.database.transaction import transaction


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered step; afterwards its number is the database's `user_version`."""

    version: int
    name: str
    sql: str

    def statements(self) -> Iterator[str]:
        """Split the text into statements; a `;` inside a trigger or a string splits nothing."""
        pending = ""
        for line in self.sql.splitlines(keepends=True):
            pending += line
            if sqlite3.complete_statement(pending):
                yield pending
                pending = ""
        if pending.strip():
            raise ValueError(f"{self.name} ends in the middle of a statement")


def list_migrations() -> tuple[Migration, ...]:
    """Read the schema files that ship with the app, in order; they are numbered without a gap."""
    folder = files("kling_desktop.storage").joinpath("schema")
    found = sorted(
        (
            Migration(int(entry.name[:4]), entry.name, entry.read_text(encoding="utf-8"))
            for entry in folder.iterdir()
            if entry.name.endswith(".sql")
        ),
        key=lambda migration: migration.version,
    )
    if [migration.version for migration in found] != list(range(1, len(found) + 1)):
        raise ValueError("the schema files are not numbered 0001, 0002, … without a gap")
    return tuple(found)


def read_version(connection: sqlite3.Connection) -> int:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)


def apply_migration(connection: sqlite3.Connection, migration: Migration) -> None:
    """Apply one step in one transaction: interrupted, the database is what it was before.

    Statements are executed singly because `executescript` commits before it starts.
    """
    with transaction(connection, "EXCLUSIVE"):
        for statement in migration.statements():
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {migration.version:d}")


def find_missing_column(connection: sqlite3.Connection, known: Sequence[Migration]) -> str:
    """Name a table and column that a database of this version has and this one lacks, or nothing.

    A database that another program wrote, or a broken tool, may bear any version.
    """
    version = read_version(connection)
    if not 0 < version <= len(known):
        return ""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as model:
        for migration in known[:version]:
            apply_migration(model, migration)
        missing = _list_columns(model) - _list_columns(connection)
    return min(missing, default="")


def _list_columns(connection: sqlite3.Connection) -> frozenset[str]:
    rows = connection.execute(
        "SELECT tables.name || '.' || columns.name FROM sqlite_master AS tables"
        " JOIN pragma_table_info(tables.name) AS columns WHERE tables.type = 'table'"
    )
    return frozenset(name for (name,) in rows)
