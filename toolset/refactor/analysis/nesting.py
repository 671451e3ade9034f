"""Code that is nested too deeply for those who walk its tree: a refusal instead of a crash."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from toolset.errors import RefactoringRefused

_Asked = ParamSpec("_Asked")
_Given = TypeVar("_Given")


def refusing_depth(act: Callable[_Asked, _Given]) -> Callable[_Asked, _Given]:
    """Return a refactoring that raises RefactoringRefused where Python's stack is not enough.

    A chain of `elif` is nested in the tree, one level for each branch.
    """

    @wraps(act)
    def acting(*args: _Asked.args, **kwargs: _Asked.kwargs) -> _Given:
        try:
            return act(*args, **kwargs)
        except RecursionError:
            raise RefactoringRefused(
                "The code is nested too deeply to be analysed; a long chain of elif, or of "
                "operators, counts as one level for each part. Nothing was changed."
            ) from None

    return acting
