"""A real Chroma folder, and a real server: nearness, one owner, damage mended."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from alma_agent.memory.chroma_index import ChromaIndex, ChromaServer
from alma_agent.memory.index import IndexUnavailable, VectorIndex
from tests.integration.guards import no_connection_but_to

ROOT = Path(__file__).parents[2]
COUNT, DIMENSIONS = 1_200, 8  # past 1,000 vectors Chroma writes its segment files
IDS = [f"{number:04}" for number in range(COUNT)]
_OWNER = """
import sys
from pathlib import Path
from alma_agent.memory.chroma_index import ChromaIndex

index = ChromaIndex(Path(sys.argv[1]), "test").open()
print("owned", flush=True)
sys.stdin.read()
"""

_KILLED = _OWNER.replace(
    "sys.stdin.read()",
    "import os, numpy; index.upsert(['a'], numpy.ones((1, 8), 'float32')); os.kill(os.getpid(), 9)",
)


def unit_vectors(count: int, dimensions: int = DIMENSIONS) -> NDArray[np.float32]:
    made = np.random.default_rng(5).normal(size=(count, dimensions))
    return (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float32)


VECTORS = unit_vectors(COUNT)


def opened(folder: Path, collection: str = "test") -> closing[VectorIndex]:
    return closing(ChromaIndex(folder, collection).open())


def fill(folder: Path, count: int = COUNT) -> None:
    with opened(folder) as index:
        index.upsert(IDS[:count], VECTORS[:count])


def put_in_and_be_killed(folder: Path) -> None:
    command = [sys.executable, "-c", _KILLED, str(folder)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, check=False)
    assert done.returncode == -signal.SIGKILL


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that holds VECTORS; to be copied, not opened."""
    folder = tmp_path_factory.mktemp("filled") / "index"
    fill(folder)
    return folder


@pytest.fixture
def folder(tmp_path: Path, filled: Path) -> Path:
    """Return a folder that holds VECTORS, of the test's own."""
    return Path(shutil.copytree(filled, tmp_path / "index"))


@pytest.fixture
def owner(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Let another process own the index `tmp_path / "index"`."""
    with subprocess.Popen(
        [sys.executable, "-c", _OWNER, str(tmp_path / "index")],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "owned\n"
        yield process
        process.kill()


def test_the_nearest_comes_first_and_is_as_near_as_numpy_says(folder: Path) -> None:
    with opened(folder) as index:
        found = index.nearest(VECTORS[7], limit=20)

    similarities = VECTORS @ VECTORS[7]
    assert [hit.id for hit in found] == [IDS[at] for at in np.argsort(-similarities)[:20]]
    assert [hit.similarity for hit in found] == pytest.approx(
        sorted(similarities, reverse=True)[:20], abs=1e-5
    )


@pytest.mark.parametrize("limit", [1, 2, 3, 500])
def test_no_more_are_returned_than_asked_for(tmp_path: Path, limit: int) -> None:
    with opened(tmp_path / "index") as index:
        index.upsert(IDS[:3], VECTORS[:3])

        assert len(index.nearest(VECTORS[0], limit=limit)) == min(limit, 3)


def test_an_empty_index_finds_nothing(tmp_path: Path) -> None:
    with opened(tmp_path / "index") as index:
        assert index.nearest(VECTORS[0], limit=9) == []
        assert index.ids() == set()
        assert index.count() == 0


def test_putting_in_again_replaces(tmp_path: Path) -> None:
    with opened(tmp_path / "index") as index:
        index.upsert(["a", "b"], VECTORS[:2])
        index.upsert(["a"], VECTORS[2:3])

        assert index.count() == 2
        assert index.nearest(VECTORS[2], limit=1)[0].id == "a"


def test_what_was_removed_is_not_found(folder: Path) -> None:
    with opened(folder) as index:
        index.remove(["0007", "never there"])

        assert index.nearest(VECTORS[7], limit=1)[0].id != "0007"
        assert index.ids() == set(IDS) - {"0007"}
        assert index.count() == COUNT - 1


def test_nothing_put_in_and_nothing_removed_is_no_error(tmp_path: Path) -> None:
    with opened(tmp_path / "index") as index:
        index.upsert([], VECTORS[:0])
        index.remove([])

        assert index.count() == 0


def test_ids_may_be_any_text(tmp_path: Path) -> None:
    ids = ["1f~context", "ü 漢", "a/b", "x" * 200, "'; --"]
    with opened(tmp_path / "index") as index:
        index.upsert(ids, VECTORS[: len(ids)])

        assert index.ids() == set(ids)
        assert [index.nearest(VECTORS[at], limit=1)[0].id for at in range(len(ids))] == ids


def test_more_than_chroma_takes_at_once_goes_in(tmp_path: Path) -> None:
    ids, vectors = [str(number) for number in range(5_600)], unit_vectors(5_600, 2)
    with opened(tmp_path / "index") as index:
        index.upsert(ids, vectors)
        assert index.count() == len(ids)

        index.remove(ids)
        assert index.count() == 0


def test_what_was_put_in_is_there_when_it_is_opened_again(tmp_path: Path) -> None:
    fill(tmp_path / "index", 5)
    fill(tmp_path / "index", 9)

    with opened(tmp_path / "index") as index:
        assert index.ids() == set(IDS[:9])


def test_what_was_put_in_is_there_after_a_kill(tmp_path: Path) -> None:
    put_in_and_be_killed(tmp_path / "index")

    with opened(tmp_path / "index") as index:
        assert index.ids() == {"a"}


@pytest.mark.parametrize("name", ["MiniLM int8", "nomic-ai/nomic-embed@768", "ü", "", "x" * 999])
def test_a_collection_may_have_any_name(tmp_path: Path, name: str) -> None:
    with opened(tmp_path / "index", name) as index:
        index.upsert(["a"], VECTORS[:1])

    with opened(tmp_path / "index", name) as index:
        assert index.ids() == {"a"}


def test_collections_do_not_see_each_other(folder: Path) -> None:
    with opened(folder, "other") as index:
        assert index.ids() == set()
        index.upsert(["a"], unit_vectors(1, 3))

        assert [hit.id for hit in index.nearest(unit_vectors(1, 3)[0], limit=9)] == ["a"]


@pytest.mark.parametrize(
    "vectors",
    [
        pytest.param(unit_vectors(1, 9), id="other dimensions"),
        pytest.param(np.full((1, DIMENSIONS), np.nan, np.float32), id="not a number"),
    ],
)
def test_a_vector_that_does_not_fit_is_refused_and_harms_nothing(
    folder: Path, vectors: NDArray[np.float32]
) -> None:
    with opened(folder) as index:
        with pytest.raises(IndexUnavailable, match="does not take this"):
            index.upsert(["a"], vectors)
        assert index.nearest(VECTORS[3], limit=1)[0].id == "0003"

    with opened(folder) as index:
        assert index.count() == COUNT


def test_a_second_process_is_told_soon(tmp_path: Path, owner: subprocess.Popen[str]) -> None:
    began = time.monotonic()

    with pytest.raises(IndexUnavailable, match="Another alma"):
        ChromaIndex(tmp_path / "index", "test", lock_timeout_s=0.1).open()

    assert owner.poll() is None
    assert time.monotonic() - began < 5


def test_it_is_not_discarded_under_its_owner(tmp_path: Path, owner: subprocess.Popen[str]) -> None:
    with pytest.raises(IndexUnavailable, match="Another alma"):
        ChromaIndex(tmp_path / "index", "test", lock_timeout_s=0.1).discard()

    assert owner.poll() is None
    assert (tmp_path / "index" / "chroma.sqlite3").exists()


def test_the_next_owner_may_come_when_it_is_closed(folder: Path) -> None:
    index = ChromaIndex(folder, "test")
    first = index.open()
    with pytest.raises(IndexUnavailable):
        ChromaIndex(folder, "test", lock_timeout_s=0.01).open()

    first.close()
    first.close()

    with closing(index.open()) as second:
        assert second.count() == COUNT
    with pytest.raises(IndexUnavailable, match="closed"):
        first.count()


def test_what_was_discarded_is_gone(folder: Path) -> None:
    ChromaIndex(folder, "test").discard()

    assert not folder.exists()
    with opened(folder) as index:
        assert index.count() == 0


def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        fill(tmp_path / "index")
    finally:
        os.umask(before)

    modes = {stat.S_IMODE(path.stat().st_mode) for path in _files(tmp_path / "index")}
    assert modes == {0o600}
    assert stat.S_IMODE((tmp_path / "index").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "index.lock").stat().st_mode) == 0o600


def test_opening_again_and_again_holds_no_more_files(folder: Path) -> None:
    def open_files() -> int:
        return len(list(Path("/dev/fd").iterdir()))

    fill(folder)
    before = open_files()

    for _ in range(10):
        with opened(folder) as index:
            index.count()

    assert open_files() < before + 20  # one client holds about ten


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(IndexUnavailable, match="cannot be made"):
        ChromaIndex(tmp_path / "file" / "index", "test").open()


def _fill_with_garbage(folder: Path) -> None:
    for path in _files(folder):
        path.write_bytes(b"garbage" * 99)


def _empty(folder: Path) -> None:
    for path in _files(folder):
        path.write_bytes(b"")


def _cut_off(folder: Path) -> None:
    for path in _files(folder):
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _lose_the_vectors(folder: Path) -> None:
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def _lose(name: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        next(folder.rglob(name)).unlink()

    return damage


def _alter(name: str) -> Callable[[Path], None]:
    """Turn three bytes: in a segment, this would end the process."""

    def damage(folder: Path) -> None:
        path = next(folder.rglob(name))
        held = bytearray(path.read_bytes())
        for at in (len(held) // 3, len(held) // 2, 2 * len(held) // 3):
            held[at] ^= 0xFF
        path.write_bytes(held)

    return damage


NAMES = ["chroma.sqlite3", "seal.json", "header.bin", "data_level0.bin", "length.bin"]
NAMES += ["link_lists.bin", "index_metadata.pickle"]


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(shutil.rmtree, id="deleted"),
        pytest.param(_fill_with_garbage, id="garbage"),
        pytest.param(_empty, id="emptied"),
        pytest.param(_cut_off, id="cut off"),
        pytest.param(_lose_the_vectors, id="no vectors"),
        *(pytest.param(_lose(name), id=f"no {name}") for name in NAMES),
        *(pytest.param(_alter(name), id=f"{name} altered") for name in NAMES),
    ],
)
def test_a_damaged_folder_is_set_aside_and_one_begun_that_works(
    folder: Path, damage: Callable[[Path], None]
) -> None:
    damage(folder)

    with opened(folder) as index:
        assert index.ids() == set()
        index.upsert(IDS, VECTORS)
        assert [index.nearest(VECTORS[at], limit=1)[0].id for at in (0, 600)] == ["0000", "0600"]
    with opened(folder) as index:
        assert index.count() == COUNT


def test_a_database_that_was_damaged_after_a_kill_is_set_aside(tmp_path: Path) -> None:
    put_in_and_be_killed(tmp_path / "index")
    path = tmp_path / "index" / "chroma.sqlite3"
    path.write_bytes(path.read_bytes()[:8192] + b"garbage" * 9999)

    with opened(tmp_path / "index") as index:
        assert index.ids() == set()


def test_an_index_that_fails_while_it_is_open_is_made_anew(folder: Path) -> None:
    index = ChromaIndex(folder, "test").open()
    path = folder / "chroma.sqlite3"
    path.write_bytes(b"garbage" * (path.stat().st_size // 7))

    with pytest.raises(IndexUnavailable, match="failed"):
        index.upsert(IDS, VECTORS)
    index.close()

    with opened(folder) as index:
        assert index.ids() == set()


def test_nothing_is_sent_anywhere(folder: Path) -> None:
    with no_connection_but_to(), opened(folder) as index:
        index.nearest(VECTORS[0], limit=3)


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Run Chroma's own server on loopback."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    program = Path(sys.executable).with_name("chroma")
    folder = tmp_path_factory.mktemp("server")
    with subprocess.Popen(
        [str(program), "run", "--host", "127.0.0.1", "--port", str(port), "--path", str(folder)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            _wait_for(port)
            yield port
        finally:
            process.kill()


def _wait_for(port: int) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.skip("the Chroma server did not start")


@pytest.mark.slow
def test_a_server_serves_as_the_folder_does(port: int) -> None:
    server = ChromaServer("127.0.0.1", "test model", port=port)

    with closing(server.open()) as index:
        index.upsert(IDS, VECTORS)
        assert index.count() == COUNT
        index.remove(["0000"])
        assert index.ids() == set(IDS[1:])
        best = index.nearest(VECTORS[7], limit=3)[0]
    assert best.id == "0007"
    assert best.similarity == pytest.approx(1.0, abs=1e-5)

    server.discard()
    with closing(server.open()) as index:
        assert index.count() == 0


@pytest.mark.slow
def test_a_server_has_many_users_at_once(port: int) -> None:
    server = ChromaServer("127.0.0.1", "shared", port=port)

    with closing(server.open()) as one, closing(server.open()) as other:
        one.upsert(["a"], VECTORS[:1])
        other.upsert(["b"], VECTORS[1:2])

        assert one.ids() == other.ids() == {"a", "b"}


def test_a_server_that_says_nothing_is_not_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]

        with pytest.raises(IndexUnavailable, match="timed out"):
            ChromaServer("127.0.0.1", "test", port=port, timeout_s=0.05).open()


def test_a_server_that_is_not_there_is_told_without_its_key() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = ChromaServer("127.0.0.1", "test", port=port, headers={"X-Key": "opensesame"})

    with pytest.raises(IndexUnavailable, match=f"127.0.0.1:{port}") as told:
        server.open()

    assert "opensesame" not in f"{told.value} {server!r}"
