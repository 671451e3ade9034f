"""Where the ledger lives: a SQLite file or a PostgreSQL database, opened and brought up to date.

SQLite runs in WAL mode with a full sync: what was acknowledged is on the disk, and readers do not
wait for writers.
"""

from __future__ import annotations

import sqlite3
import weakref
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from filelock import FileLock
from sqlalchemy.exc import SQLAlchemyError

from alma_agent.errors import LedgerUnavailable, WrongLedgerAddress
from alma_agent.memory.ledger import word_index
from alma_agent.memory.ledger.memories import write_missing_words
from alma_agent.memory.ledger.schema import tables

HEAD = "0002"
_FIRST = "0001"
_LOCK_S = 10
_CONNECT_S = 10
_VERSION = sa.table("alembic_version", sa.column("version_num"))


class Ledger:
    """One ledger, which several processes may have open at once.

    `where` is the path of a SQLite file, made if need be, or the URL of a PostgreSQL database.
    Raises LedgerUnavailable, at any call.
    """

    def __init__(self, where: Path | str) -> None:
        self._where = where
        self._engine = _sqlite_engine(where) if isinstance(where, Path) else _server_engine(where)
        self._writer = self._engine.execution_options(writes=True)
        self._reader = self._engine.execution_options(**_one_state(self._engine))
        weakref.finalize(self, self._engine.dispose)  # somebody has to close what the pool keeps
        with self._explained(OSError):
            if isinstance(where, Path):
                if not _is_begun(where):
                    self._make_file(where)
                where.chmod(0o600)
            self._bring_up_to_date()

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Yield a connection whose reads see one state."""
        with self._explained(), self._reader.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Yield a connection whose writes happen together, or not at all."""
        with self._explained(), self._writer.begin() as connection:
            yield connection

    def vacuum(self) -> None:
        """Give back the space of what was deleted, so that nothing of it can be read."""
        with self.writing() as connection:
            word_index.forget_traces(connection)
        with self._explained(OSError):
            if isinstance(self._where, Path):
                self._vacuum_file()
            else:
                outside = self._engine.execution_options(isolation_level="AUTOCOMMIT")
                with outside.connect() as connection:
                    connection.exec_driver_sql("VACUUM")

    def close(self) -> None:
        self._engine.dispose()

    def _vacuum_file(self) -> None:
        with closing(self._engine.raw_connection()) as borrowed:
            driver: Any = borrowed.driver_connection
            driver.execute("VACUUM")
            waits = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        if waits:
            raise TimeoutError("another process goes on reading what was deleted")

    def _make_file(self, path: Path) -> None:
        """Make a file, seen by others when it is whole: SQLite's change to WAL does not queue."""
        unfinished = path.with_name(f"{path.name}.new")
        with FileLock(f"{path}.lock", timeout=_LOCK_S, mode=0o600):
            if _is_begun(path):
                return
            unfinished.unlink(missing_ok=True)
            unfinished.touch(mode=0o600)  # before SQLite does: its side files take this mode over
            engine = _sqlite_engine(unfinished)
            with closing(engine.raw_connection()) as raw:  # not in a transaction; the file keeps it
                raw.cursor().execute("PRAGMA journal_mode = WAL")
            with engine.execution_options(writes=True).begin() as connection:
                self._create(connection)
            engine.dispose()
            unfinished.rename(path)

    def _create(self, connection: sa.Connection) -> None:
        """Make all tables at once; the migrations lead to the same."""
        tables.create_all(connection)
        word_index.create(connection)
        if connection.dialect.name == "sqlite":
            # What an alma from before the migrations looks at, to know that it is too old.
            connection.exec_driver_sql("PRAGMA user_version = 2")
        connection.exec_driver_sql(
            "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"
        )
        connection.execute(sa.insert(_VERSION), {"version_num": HEAD})

    def _bring_up_to_date(self) -> None:
        with self._engine.connect() as connection:
            found = self._version(connection)
        if found == HEAD:
            return
        if found is not None and found > HEAD:
            raise LedgerUnavailable(
                f"The ledger {self.name} was written by a newer alma (form {found}, this one knows "
                f"{HEAD}). Upgrade alma."
            )
        with self._one_at_a_time(), self._writer.begin() as connection:
            found = self._version(connection)
            if found is None:
                self._create(connection)
            elif found != HEAD:
                migrate(connection, found)
                write_missing_words(connection)

    def _version(self, connection: sa.Connection) -> str | None:
        """Return which form the tables have; None if there are none."""
        inspector = sa.inspect(connection)
        if inspector.has_table("alembic_version"):
            version: str | None = connection.scalar(sa.select(_VERSION.c.version_num))
            return version
        return _FIRST if inspector.has_table("interactions") else None

    @contextmanager
    def _one_at_a_time(self) -> Iterator[None]:
        if isinstance(self._where, Path):
            with FileLock(f"{self._where}.lock", timeout=_LOCK_S, mode=0o600):
                yield
        else:  # the writer's transaction takes a lock of the server
            yield

    @property
    def name(self) -> str:
        """The ledger's place, without a password."""
        if isinstance(self._where, Path):
            return str(self._where)
        return self._engine.url.render_as_string(hide_password=True)

    @contextmanager
    def _explained(self, *more: type[Exception]) -> Iterator[None]:
        kinds: tuple[type[Exception], ...] = (SQLAlchemyError, sqlite3.Error, *more)
        try:
            yield
        except kinds as error:
            why = str(getattr(error, "orig", None) or error)
            if self._engine.url.password:
                why = why.replace(str(self._engine.url.password), "***")
            cure = (
                "Check the disk and the file's rights; if it is damaged, move it away and alma "
                "starts a new one."
                if isinstance(self._where, Path)
                else "Check that the server runs and lets this user in."
            )
            raise LedgerUnavailable(
                f"The memory's ledger {self.name} cannot be used: {why.rstrip('.')}. {cure}"
            ) from error


def migrate(connection: sa.Connection, found: str, to: str = HEAD) -> None:
    """Bring the tables from one form to another, in the connection's transaction."""
    from alembic.command import downgrade, stamp, upgrade
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    if not sa.inspect(connection).has_table("alembic_version"):
        stamp(config, found)
    (upgrade if to > found else downgrade)(config, to)


def _is_begun(path: Path) -> bool:
    return path.exists() and (not path.is_file() or path.stat().st_size > 0)


def _one_state(engine: sa.Engine) -> dict[str, Any]:
    """Return what makes a reader see one state: SQLite does so anyway."""
    if engine.dialect.name == "sqlite":
        return {}
    return {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


def _sqlite_engine(path: Path) -> sa.Engine:
    engine = sa.create_engine(sa.URL.create("sqlite", database=str(path)))
    sa.event.listen(engine, "connect", _prepare_file)
    sa.event.listen(engine, "begin", _begin)
    return engine


def _server_engine(url: str) -> sa.Engine:
    try:
        made = sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError) as error:
        raise WrongLedgerAddress(
            "The ledger's address cannot be read. It looks like "
            "postgresql://user@host/database; a SQLite file is given by its path."
        ) from error
    if made.get_backend_name() != "postgresql":
        raise WrongLedgerAddress(
            f"A ledger's address begins with postgresql://, not {made.drivername}://; a SQLite "
            "file is given by its path."
        )
    limits = {"connect_timeout": made.query.get("connect_timeout", _CONNECT_S)}
    try:
        engine = sa.create_engine(
            made.set(drivername="postgresql+psycopg"), pool_pre_ping=True, connect_args=limits
        )
    except ImportError as error:
        raise LedgerUnavailable(
            "A ledger in PostgreSQL needs its driver: pip install 'alma-agent[postgresql]'."
        ) from error
    sa.event.listen(engine, "begin", _take_turns)
    return engine


def _prepare_file(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # `_begin` opens transactions, not the driver
    connection.create_function("lower", 1, _lower, deterministic=True)
    cursor = connection.cursor()
    for pragma in (
        "busy_timeout = 10000",
        "synchronous = FULL",  # durable when acknowledged, in WAL mode too
        "foreign_keys = ON",
        "secure_delete = ON",  # what is forgotten is overwritten
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _lower(text: str | None) -> str | None:
    return text and text.lower()  # SQLite's own knows ASCII only


def _writes(connection: sa.Connection) -> bool:
    return bool(connection.get_execution_options().get("writes", False))


def _begin(connection: sa.Connection) -> None:
    # A writer takes its lock at once: a transaction that reads first and writes later would fail,
    # not wait, when another process wrote in between.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if _writes(connection) else "BEGIN")


def _take_turns(connection: sa.Connection) -> None:
    # Writers queue, as in SQLite: what a write looks up before (duplicates, neighbours) stays true,
    # and `seq` is the order in which rows were committed.
    if _writes(connection):
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(4207849484)")
