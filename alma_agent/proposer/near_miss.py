"""Help with a sentence that reads like a known request but is not understood wholly."""

from __future__ import annotations

import difflib
import re

from alma_agent.proposer.phrases.tokens import folded

_EXAMPLES = {
    "rename": ("rename load to read_csv", "rename renames renaming rename change-name"),
    "renomme": ("renomme load en read_csv", "renomme renommer renommez rebaptise"),
    "move": ("move the class Loader from app.py to loaders.py", "move relocate"),
    "déplace": ("déplace la classe Loader de app.py vers loaders.py", "deplace deplacer deplacez"),
    "extract": ("extract lines 10-20 of app.py into a function parse_row", "extract"),
    "extrais": (
        "extrais les lignes 10 à 20 de app.py dans une fonction parse_row",
        "extrais extraire extrait extrayez",
    ),
    "inline": ("inline the variable tmp in fetch", "inline inliner"),
    "encapsulate": ("encapsulate the attribute size of Box", "encapsulate"),
    "encapsule": ("encapsule l'attribut size de Box", "encapsule encapsuler"),
    "reorder": ("reorder the parameters of fetch to url, timeout", "reorder"),
    "sort": ("sort the imports of app.py", "sort organize organise"),
    "trie": ("trie les imports de app.py", "trie trier triez"),
}
# Verbs that say too little alone: what the sentence speaks of must be ours too.
_SUBJECTS = (
    (r"unused imports?|imports? (?:inutil\w*)", "remove unused imports in src/"),
    (r"imports?", "sort the imports of app.py"),
    (r"f-?strings?", "use f-strings in app.py"),
    (r"pathlib|os\.path", "use pathlib in app.py"),
    (r"print\b.*\blogging|logging\b.*\bprint", "use logging instead of print in app.py"),
    (r"type hints?|(?:type )?annotations?", "add type hints to app.py"),
    (r"docstrings?", "add docstrings to app.py"),
    (r"dataclass(?:es)?", "make Point a dataclass"),
    (r"keyword[- ]only", "make timeout keyword-only in fetch"),
    (r"(?:parameter|argument|parametre)s?", "add a parameter timeout=30 to fetch"),
    (r"propert(?:y|ies)|propriete", "make Box.size a property"),
    (r"pattern|motif", "replace pattern `old($A)` by `new($A)` in src/"),
)
_OPENINGS = re.compile(
    r"(?:(?:please|pls|kindly|just|(?:could|can|would|will) you|let's|i want to|i'd like to|"
    r"i would like to|we should|stp|svp|peux-tu|pourrais-tu|pouvez-vous|je veux|je voudrais|"
    r"j'aimerais|merci de|veuillez|il faut|s'il te plait|s'il vous plait)[ ,]+)+"
)
_VERBS = {verb: known for known, (_, verbs) in _EXAMPLES.items() for verb in verbs.split()}
_VAGUE_VERBS = re.findall(
    r"\w+",
    "add remove delete make use convert turn replace change clean modernise modernize upgrade give "
    "ajoute ajouter supprime supprimer enleve retire rends rendre utilise utiliser convertis "
    "transforme remplace remplacer fais modernise nettoie",
)
_CLOSE = 0.8
_LONGEST = 400


def near_miss(goal: str) -> str:
    """Return a sentence of help for a goal that `understand` left; empty if nothing comes near."""
    words = folded(" ".join(goal[:_LONGEST].split())).replace("\u2019", "'")
    words = _OPENINGS.sub("", words, count=1) if _OPENINGS.match(words) else words
    first = re.match(r"[a-z-]+", words)
    if first is None:
        return ""
    verb = first.group()
    if verb in _VERBS:
        return f"It reads like a request that is known, but not every word of it: {_like(verb)}."
    if verb in _VAGUE_VERBS:
        example = next((one for about, one in _SUBJECTS if re.search(rf"\b(?:{about})", words)), "")
        return f"It comes near to: {example}." if example else ""
    close = difflib.get_close_matches(verb, _VERBS, n=1, cutoff=_CLOSE)
    return f'Did you mean "{close[0]}"? For example: {_like(close[0])}.' if close else ""


def _like(verb: str) -> str:
    return _EXAMPLES[_VERBS[verb]][0]
