"""A third engine: pyrefly's language server, asked for what the type of each object says.

It infers types across the project, so it knows `x.load` where the others do not. It is told of
texts in a private folder with settings of alma's own: in the project's folder it would read the
project's settings, which may name an interpreter to start.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import TimeoutError as TooLong
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from pylsp_jsonrpc.endpoint import Endpoint
from pylsp_jsonrpc.exceptions import JsonRpcException
from pylsp_jsonrpc.streams import JsonRpcStreamReader, JsonRpcStreamWriter

from toolset.refactor.evidence import Place
from toolset.workspace import SourceFile

_ANSWER_S = 60.0
_SETTINGS = """\
skip-interpreter-query = true
python-version = "{version}"
search-path = [{roots}]
site-package-path = []
project-includes = ["**/*.py", "**/*.pyi"]
"""


def pyrefly_occurrences(
    sources: Iterable[SourceFile],
    roots: Iterable[PurePosixPath],
    symbols: Iterable[Place],
    *,
    among: Iterable[PurePosixPath],
) -> set[Place]:
    """Return the places in the files `among` that pyrefly takes for one of `symbols`.

    `sources` are all Python files of the project, `roots` the folders that imports start from.
    Empty if pyrefly is missing, fails, or takes too long: it is one witness of several.
    """
    texts = {source.path: source.text for source in sources}
    try:
        with tempfile.TemporaryDirectory(prefix="alma-", ignore_cleanup_errors=True) as folder:
            root = Path(folder).resolve()
            _write(root, texts, roots)
            with _server(root) as server:
                for path in among:  # what is not open, it may leave out without a word
                    _open(server, root / path, texts[path])
                return {
                    place
                    for symbol in sorted(symbols)
                    for place in _references(server, root, texts, symbol)
                }
    except (OSError, TooLong, JsonRpcException, KeyError, ValueError):
        return set()


def _write(root: Path, texts: dict[PurePosixPath, str], roots: Iterable[PurePosixPath]) -> None:
    for path, text in texts.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode("utf-8", "replace"))
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    quoted = ", ".join(f'"{path}"' for path in roots)
    (root / "pyrefly.toml").write_text(_SETTINGS.format(version=version, roots=quoted), "utf-8")


class _Answers(dict[str, Callable[[Any], Any]]):
    """What the server may ask or tell: it has no settings to get, and nothing else matters."""

    def __missing__(self, method: str) -> Callable[[Any], Any]:
        if method == "workspace/configuration":
            return lambda asked: [{} for _ in asked["items"]]
        return lambda _: None


@contextmanager
def _server(root: Path) -> Iterator[Endpoint]:
    program = shutil.which("pyrefly", path=str(Path(sys.executable).parent))
    if program is None:
        raise FileNotFoundError("pyrefly")
    process = subprocess.Popen(
        [program, "lsp", "--indexing-mode=lazy-blocking", "--workspace-indexing-limit=20000"],
        cwd=root,
        env={"HOME": str(root), "PATH": ""},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    endpoint = Endpoint(
        _Answers(),
        JsonRpcStreamWriter(process.stdin).write,
        max_workers=1,
    )
    reader = JsonRpcStreamReader(process.stdout)
    listener = threading.Thread(target=reader.listen, args=(endpoint.consume,), daemon=True)
    listener.start()
    try:
        folder = {"uri": root.as_uri(), "name": "project"}
        _asked(
            endpoint,
            "initialize",
            {"processId": None, "rootUri": None, "workspaceFolders": [folder], "capabilities": {}},
        )
        endpoint.notify("initialized", {})
        yield endpoint
    finally:
        process.kill()
        process.wait()
        listener.join()
        endpoint.shutdown()
        for pipe in (process.stdin, process.stdout):
            if pipe:
                pipe.close()


def _open(server: Endpoint, file: Path, text: str) -> None:
    document = {"uri": file.as_uri(), "languageId": "python", "version": 1, "text": text}
    server.notify("textDocument/didOpen", {"textDocument": document})


def _references(
    server: Endpoint, root: Path, texts: dict[PurePosixPath, str], symbol: Place
) -> Iterator[Place]:
    line = texts[symbol.path].split("\n")[symbol.line - 1]
    answer = _asked(
        server,
        "textDocument/references",
        {
            "textDocument": {"uri": (root / symbol.path).as_uri()},
            "position": {"line": symbol.line - 1, "character": _units(line[: symbol.column])},
            "context": {"includeDeclaration": True},
        },
    )
    for one in answer or ():
        file = Path(unquote(urlsplit(one["uri"]).path))
        if file.is_relative_to(root):
            path = PurePosixPath(file.relative_to(root).as_posix())
            start = one["range"]["start"]
            lines = texts[path].split("\n")[start["line"] :]
            if lines:  # pyrefly ends lines at a lone CR too; such files are not edited
                column = _characters(lines[0], start["character"])
                yield Place(path, start["line"] + 1, column)


def _asked(server: Endpoint, method: str, parameters: dict[str, Any]) -> Any:
    return server.request(method, parameters).result(timeout=_ANSWER_S)


def _units(text: str) -> int:
    """Return the length of a text as the protocol counts it, in UTF-16."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _characters(line: str, units: int) -> int:
    data = line.encode("utf-16-le", "surrogatepass")[: 2 * units]
    return len(data.decode("utf-16-le", "surrogatepass"))
