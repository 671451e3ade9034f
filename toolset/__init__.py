"""A change to a folder of source files, made safely.

Usable without `alma_agent`: `safe_replace_text_in_file`, `safe_create_file`, `safe_edit_symbol`,
`safe_edit_imports`, `safe_apply_patch`, `safe_undo` and `analyze_file_structure` work on files;
`edit_bytes` and `patch_files` on bytes in memory; an `EditingSession` looks at one file. Names
are loaded at first use, so that `import toolset` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolset.editing_session import EditingSession
    from toolset.errors import ToolsetError
    from toolset.functions import (
        analyze_file_structure,
        safe_apply_patch,
        safe_create_file,
        safe_edit_imports,
        safe_edit_symbol,
        safe_replace_text_in_file,
        safe_undo,
    )
    from toolset.patching import edit_bytes, patch_files

__all__ = [
    "EditingSession",
    "ToolsetError",
    "analyze_file_structure",
    "edit_bytes",
    "patch_files",
    "safe_apply_patch",
    "safe_create_file",
    "safe_edit_imports",
    "safe_edit_symbol",
    "safe_replace_text_in_file",
    "safe_undo",
]
_ROOMS = {
    "EditingSession": "editing_session",
    "ToolsetError": "errors",
    "edit_bytes": "patching",
    "patch_files": "patching",
}


def __getattr__(name: str) -> object:
    if name in __all__:
        return getattr(import_module(f"toolset.{_ROOMS.get(name, 'functions')}"), name)
    raise AttributeError(f"module 'toolset' has no attribute {name!r}")
