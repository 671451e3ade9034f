"""Which modules are Python's own: to import one earlier, later or not at all changes nothing else.

A module of the project that has the name of a standard one hides it, and is not among them.
"""

from __future__ import annotations

import sys

from toolset.draft import Draft
from toolset.encoding import is_python

# What they do when they are imported is what they are for.
_EFFECTS = frozenset(
    {"antigravity", "idlelib", "readline", "rlcompleter", "site", "this", "__hello__", "__phello__"}
)


def standard_modules(draft: Draft) -> frozenset[str]:
    """Return the standard modules that no file of the project hides, by their first names."""
    files = [path for path in draft.files() if is_python(path)]
    packages = {path.parent for path in files if path.stem == "__init__"}
    modules = {path.stem for path in files if path.parent not in packages}
    roots = {one.name for one in packages if one.parent not in packages}
    return sys.stdlib_module_names - modules - roots - _EFFECTS


def made_for_effects(module: str) -> bool:
    """Say whether a standard module is imported for what that does."""
    return module.partition(".")[0] in _EFFECTS
