"""A change to a folder of source files, made safely.

Usable without `alma_agent`: see `safe_replace_text_in_file`, `safe_create_file` and
`analyze_file_structure`. Names are loaded at first use, so that `import toolset` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolset.functions import (
        analyze_file_structure,
        safe_create_file,
        safe_replace_text_in_file,
    )

__all__ = ["analyze_file_structure", "safe_create_file", "safe_replace_text_in_file"]


def __getattr__(name: str) -> object:
    if name in __all__:
        return getattr(import_module("toolset.functions"), name)
    raise AttributeError(f"module 'toolset' has no attribute {name!r}")
