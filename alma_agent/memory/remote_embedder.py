"""Text to vectors by an endpoint: OpenAI, or whoever speaks its protocol.

The texts leave this machine, so this embedder is used only where a person chose it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import numpy as np

from alma_agent.memory.index import IndexUnavailable

if TYPE_CHECKING:
    import openai
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

_BATCH = 128
_MAX_CHARACTERS = 8_000  # OpenAI takes 8,192 tokens a text, and 300,000 a request


@dataclass(frozen=True)
class RemoteEmbedder:
    """Embeds text as unit vectors, by the embeddings endpoint at `base_url` (None: OpenAI).

    `dimensions` is asked of the model and required of its answer; None leaves it to the model.
    """

    model: str
    api_key: str = field(repr=False)
    base_url: str | None = field(default=None, repr=False)  # may hold a password
    dimensions: int | None = None
    timeout_s: float = 30.0
    retries: int = 2

    @property
    def name(self) -> str:
        """Name what made the vectors: those of two names are not to be compared."""
        return f"{self.model}@{self.dimensions}" if self.dimensions else self.model

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one row a text, shape (len(texts), dimensions); of a text, 8,000 characters.

        A busy or failing endpoint is asked again, `retries` times. Raises IndexUnavailable.
        """
        if not texts:
            return np.zeros((0, self.dimensions or 0), np.float32)
        import openai

        try:
            with self._client() as client:
                rows = [
                    self._embed_batch(client, texts[start : start + _BATCH])
                    for start in range(0, len(texts), _BATCH)
                ]
            return np.concatenate(rows)
        except IndexUnavailable:
            raise
        except openai.OpenAIError as error:
            told = f"could not be had: {self._without_key(error)}"
        except Exception as error:  # noqa: BLE001 - the SDK lets what it cannot read pass
            told = f"make no sense ({type(error).__name__}: {self._without_key(error)})"
        raise IndexUnavailable(f"Embeddings of {self.model} from {self._where} {told}. {_CURE}")

    def _embed_batch(self, client: openai.OpenAI, texts: Sequence[str]) -> Vectors:
        import openai

        answer = client.embeddings.create(
            model=self.model,
            input=[text[:_MAX_CHARACTERS] or " " for text in texts],  # none may be empty
            encoding_format="float",
            dimensions=self.dimensions or openai.omit,
        )
        rows = sorted(answer.data, key=lambda row: row.index)
        if [row.index for row in rows] != list(range(len(texts))):
            raise ValueError(f"{len(rows)} vectors for {len(texts)} texts")
        made = np.array([row.embedding for row in rows], np.float32)
        return self._unit(made)

    def _unit(self, made: Vectors) -> Vectors:
        if self.dimensions and made.shape[1] != self.dimensions:
            raise IndexUnavailable(
                f"{self.model} from {self._where} made vectors of {made.shape[1]} dimensions, not "
                f"of {self.dimensions}. Leave the dimensions out, or say what the model makes."
            )
        norms = np.linalg.norm(made, axis=1, keepdims=True)
        if not np.all(np.isfinite(norms)) or not np.all(norms):
            raise ValueError("a vector without a direction")
        unit: Vectors = (made / norms).astype(np.float32)
        return unit

    def _client(self) -> openai.OpenAI:
        import openai

        address, login = _parted(self.base_url)
        # A redirect would send the texts to a host that nobody chose.
        http_client = openai.DefaultHttpxClient(
            auth=login, follow_redirects=False, timeout=self.timeout_s
        )
        return openai.OpenAI(
            api_key=self.api_key,
            base_url=address,
            timeout=self.timeout_s,
            max_retries=self.retries,
            http_client=http_client,
        )

    @property
    def _where(self) -> str:
        return _parted(self.base_url)[0] or "OpenAI"

    def _without_key(self, error: Exception) -> str:
        """Quote an error: some endpoints repeat the key in what they say."""
        return str(error).replace(self.api_key, "[key]") if self.api_key else str(error)


_CURE = "Words alone were searched; check the key, the address (most end in /v1) and the model."


def _parted(url: str | None) -> tuple[str | None, tuple[str, str] | None]:
    """Return an address, and apart from it (for it is logged) the login that stood in it."""
    parts = urlsplit(url or "")
    if not url or "@" not in parts.netloc:
        return url, None
    login, _, host = parts.netloc.rpartition("@")
    user, _, password = login.partition(":")
    return parts._replace(netloc=host).geturl(), (unquote(user), unquote(password))
