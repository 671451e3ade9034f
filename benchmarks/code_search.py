"""Does a docstring find its function? Mean reciprocal rank in the first ten (MRR@10).

    python benchmarks/code_search.py REPO [FOLDER]

REPO is a folder or a bare git repository (its HEAD); FOLDER narrows it (`src/click`).

Documents are all functions and methods of the Python files, tests too, with every function's
docstring taken out of the source first. Queries are the docstrings: their first paragraph. A
query has one right answer, the function that it was taken from, even where others have the same
docstring.

Beside the search as it is: its words alone (BM25 by columns), MiniLM on the code alone, and its
meaning alone (MiniLM on heading and code).
"""

from __future__ import annotations

import ast
import io
import json
import os
import statistics
import subprocess
import sys
import tarfile
import time
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from alma_agent.memory.code.documents import CodeDocument, documents_of
from alma_agent.memory.code.search import CodeIndex, Weights
from alma_agent.memory.embedder import MiniLM
from toolset.edits import FileState
from toolset.errors import NotText
from toolset.workspace import SourceFile, Workspace, source_file

CUTOFF = 10
METHODS = {
    "words": Weights(code=0, heading=0, name=0),
    "code": Weights(heading=0, words=0, name=0),
    "meaning": Weights(words=0, name=0),
    "all": Weights(),
}


@dataclass(frozen=True)
class Query:
    """A docstring's first paragraph, and the file and line that it was taken from."""

    text: str
    right: tuple[PurePosixPath, int]


class EmbedsOnce:
    """MiniLM, which embeds each query once for all methods."""

    name = MiniLM.name

    def __init__(self) -> None:
        self._model = MiniLM()
        self._queries: dict[str, NDArray[np.float32]] = {}

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if len(texts) > 1:
            return self._model.embed(texts)
        if texts[0] not in self._queries:
            self._queries[texts[0]] = self._model.embed(texts)
        return self._queries[texts[0]]


def main() -> None:
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    warnings.simplefilter("ignore", SyntaxWarning)  # of the code that is read
    repository = Path(sys.argv[1])
    folder = PurePosixPath(sys.argv[2] if len(sys.argv) > 2 else "")
    started = time.perf_counter()
    documents, queries = questions_of(
        (path, data) for path, data in sources(repository) if path.is_relative_to(folder)
    )
    if not queries:
        sys.exit(f"No Python function with a docstring in {repository / folder}.")
    index = CodeIndex(documents, EmbedsOnce())
    index.embed()
    figures = {name: mrr(index, queries, weights) for name, weights in METHODS.items()}
    print(f"{len(documents)} functions, {len(queries)} docstrings")
    for name, figure in figures.items():
        print(f"{name:12} MRR@{CUTOFF} {figure:.3f}")
    line = {
        "mrr@10": round(figures.pop("all"), 4),
        **{name: round(figure, 4) for name, figure in figures.items()},
        "functions": len(documents),
        "queries": len(queries),
        "seconds": round(time.perf_counter() - started, 1),
    }
    print(json.dumps(line))


def sources(repository: Path) -> Iterator[tuple[PurePosixPath, bytes]]:
    """Yield the Python files of a folder, or of a bare repository's HEAD."""
    if (repository / "HEAD").is_file() and (repository / "objects").is_dir():
        archive = subprocess.run(
            ["git", "-C", repository, "archive", "HEAD"], check=True, capture_output=True
        ).stdout
        with tarfile.open(fileobj=io.BytesIO(archive)) as files:
            for member in files:
                content = files.extractfile(member) if member.name.endswith(".py") else None
                if content:
                    yield PurePosixPath(member.name), content.read()
        return
    workspace = Workspace(Path(os.path.realpath(repository)))
    for path in workspace.files((".py",)):
        yield path, (workspace.root / path).read_bytes()


def questions_of(
    files: Iterable[tuple[PurePosixPath, bytes]],
) -> tuple[list[CodeDocument], list[Query]]:
    documents: list[CodeDocument] = []
    queries = []
    for path, data in files:
        try:
            source = source_file(path, FileState(data))
            bare, docstrings = without_docstrings(source)
        except (NotText, SyntaxError, ValueError, RecursionError):
            continue
        for one in documents_of(bare):
            if one.kind == "class":
                continue
            if docstring := docstrings.get(one.line):
                queries.append(Query(first_paragraph(docstring), (path, one.line)))
            documents.append(one)
    return documents, queries


def without_docstrings(source: SourceFile) -> tuple[SourceFile, dict[int, str]]:
    """Return the source without its functions' docstrings, and these by the line of `def`.

    Their lines stay, empty, so that the others keep their numbers.
    """
    lines = source.text.split("\n")
    docstrings = {}
    for node in ast.walk(ast.parse(source.text)):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        docstring = ast.get_docstring(node)
        if not docstring:
            continue
        docstrings[node.lineno] = docstring
        said = node.body[0]
        first, last = said.lineno - 1, (said.end_lineno or said.lineno) - 1
        before = lines[first].encode()[: said.col_offset].decode()
        after = lines[last].encode()[said.end_col_offset :].decode()
        left = "pass" if len(node.body) == 1 or after.strip() else ""
        lines[first : last + 1] = [before + left + after, *[""] * (last - first)]
    text = "\n".join(lines)
    return SourceFile(source.path, FileState(text.encode()), text, source.format), docstrings


def first_paragraph(docstring: str) -> str:
    return " ".join(docstring.strip().split("\n\n")[0].split())


def mrr(index: CodeIndex, queries: Iterable[Query], weights: Weights) -> float:
    """Return the mean of 1/rank of the right answers; 0 for those past the cutoff."""
    return statistics.fmean(gains(index, queries, weights))


def gains(index: CodeIndex, queries: Iterable[Query], weights: Weights) -> Iterator[float]:
    for query in queries:
        found = index.search(query.text, limit=CUTOFF, weights=weights)
        places = [(one.path, one.line) for one in found]
        yield 1 / (places.index(query.right) + 1) if query.right in places else 0.0


if __name__ == "__main__":
    main()
