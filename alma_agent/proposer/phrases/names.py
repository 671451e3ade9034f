"""What can be a name, a file or a piece of Python in a sentence, and which words never are."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from keyword import iskeyword
from pathlib import PurePosixPath
from typing import Any

from alma_agent.proposer.phrases.grammar import Terminal
from alma_agent.proposer.phrases.tokens import Sentence, Token


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NEVER_A_NAME = _words(
    # articles, pronouns, quantities
    "the an this that these those it its them they he she we you us our your my me one ones "
    "some any each every both either all everything something anything nothing everyone none "
    "several many few more most other others another such same whatever which what who whose "
    "le la les un une des ce cet cette ces il elle ils elles ça ca cela ceci celui celle ceux "
    "celles tout toute tous toutes chaque quelque quelques plusieurs aucun aucune autre autres "
    "rien leur leurs mon ma mes ton ta tes notre nos votre vos lui eux "
    # prepositions, conjunctions, negations
    "to of in on at by for from into onto with without within inside as and or nor but so if "
    "unless except when while where until before after because than then via per using only also "
    "too not no never always instead about over under between throughout across everywhere "
    "du de dans sur sous au aux en par pour vers depuis avec sans et ou ni mais donc si sauf "
    "quand lorsque comme puis ensuite aussi seulement uniquement pas jamais toujours plutot "
    "partout chez entre selon ainsi encore "
    # kinds in the plural are not one symbol
    "functions methods classes variables constants parameters params arguments args attributes "
    "fields properties symbols names modules files packages imports lines occurrences usages "
    "fonctions variables constantes parametres attributs champs symboles noms fichiers paquets "
    # what people say of code, and what they ask to be done to it
    "please thanks merci here there again now later soon once twice thrice back away together "
    "ici maintenant "
    "be been being is are was were has have had does do did should must can could would will shall "
    "may might est sont etait sera doit devrait"
)
_ADJECTIVES = _words(
    "a y i first second third last next previous new old existing current other same whole entire "
    "only private public protected global local static abstract inner outer nested async helper "
    "utility unused used useless deprecated obsolete test tests correct right wrong following "
    "above below big small long short biggest longest largest slow broken whole async generic "
    "internal external relevant appropriate corresponding premiere premier derniere dernier "
    "nouvelle nouveau ancienne ancien longue vieille vieux"
)
_NOT_A_NEW_NAME = _words(
    "first last better clearer shorter longer simpler nicer cleaner cleverer smarter best good "
    "descriptive meaningful consistent explicit readable appropriate sensible different unique "
    "private protected something anything whatever camelcase lowercase pascalcase snake_case "
    "snakecase uppercase screaming_snake_case kebab camel snake pascal lower upper english french "
    "german spanish plural singular todo tbd xxx fixme mieux anglais francais minuscules "
    "majuscules "
    "minuscule majuscule pluriel singulier prive privee clair claire explicite "
    "descriptif court lisible asap "
    "before after during only directly lazily early late"
)
_ADJECTIVES_AFTER = _words(
    "principal principale inutile inutilise inutilisé inutilisée suivant suivante precedente "
    "précédente première dernière actuelle actuel existante existant interne externe publique "
    "public privée privé statique abstraite abstrait asynchrone auxiliaire utilitaire globale "
    "global locale local ancienne nouvelle mere mère fille parente generique générique "
    "obsolete obsolète optionnel optionnelle"
)
KIND_WORDS = _words(
    "function method class variable constant parameter param argument arg attribute field property "
    "symbol name identifier module file package folder directory import line code fonction methode "
    "classe constante parametre attribut champ propriete symbole nom identifiant fichier paquet "
    "dossier ligne"
)
_PLAIN_FOLDERS = _words("src tests test lib docs scripts examples benchmarks tools")


@dataclass(frozen=True, slots=True)
class Name:
    """A dotted Python name. `called` says that it was written with (), `quoted` with quotes."""

    dotted: str
    quoted: bool = False
    called: bool = False
    file: str = ""

    @property
    def is_plain_word(self) -> bool:
        """Whether it may as well be a word of the sentence."""
        return not (self.quoted or self.called or self.file or "." in self.dotted)

    @property
    def is_kind_word(self) -> bool:
        shouted = self.dotted.lower() if self.dotted.isupper() else self.dotted
        return self.is_plain_word and shouted in KIND_WORDS

    @property
    def is_adjective_after(self) -> bool:
        """Whether it is what French says after a noun: "la fonction principale"."""
        return self.is_plain_word and self.dotted.lower() in _ADJECTIVES_AFTER

    @property
    def is_adjective(self) -> bool:
        word = self.dotted.lower()
        return self.is_plain_word and (word in _ADJECTIVES or word.endswith("ing"))


_ADDRESS = re.compile(
    r"(?:(?P<file>[^:]+\.pyi?)::)?(?P<dotted>[^\W\d]\w*(?:\.[^\W\d]\w*)*)(?P<called>\(\))?"
)
_FILE = re.compile(r"(?!-)[\w./@+-]*[\w-]\.pyi?")
_FOLDER = re.compile(r"(?!-)[\w./@+-]+")


def name(sentence: Sentence, at: int) -> Iterator[tuple[int, Name]]:
    """A dotted name, or an address `path/file.py::Class.method`."""
    token = sentence.tokens[at]
    found = _ADDRESS.fullmatch(token.text)
    if not found or token.word in _NEVER_A_NAME or is_file(token.text):
        return
    if found["file"] and not _FILE.fullmatch(found["file"]):
        return
    parts = found["dotted"].split(".")
    if any(iskeyword(part) for part in parts) or (parts[1:] and parts[0] in ("self", "cls")):
        return
    yield (
        at + 1,
        Name(found["dotted"], bool(token.quote), bool(found["called"]), found["file"] or ""),
    )


def new_name(sentence: Sentence, at: int) -> Iterator[tuple[int, Name]]:
    """A name that something shall get."""
    for stop, found in name(sentence, at):
        word = sentence.tokens[at].word
        if not found.file and word not in _NOT_A_NEW_NAME:
            yield stop, found


def plain_new_name(sentence: Sentence, at: int) -> Iterator[tuple[int, str]]:
    """A new name without dots."""
    for stop, found in new_name(sentence, at):
        if "." not in found.dotted:
            yield stop, found.dotted


def called_new_name(sentence: Sentence, at: int) -> Iterator[tuple[int, str]]:
    """A new name written as a call: `load()`."""
    for stop, found in new_name(sentence, at):
        if found.called and "." not in found.dotted:
            yield stop, found.dotted


def spoken_name(sentence: Sentence, at: int) -> Iterator[tuple[int, Name]]:
    """A new name after "called", where an adverb may stand too: "called explicitly"."""
    for stop, found in new_name(sentence, at):
        if not (found.is_plain_word and found.dotted.lower().endswith(("ly", "ment"))):
            yield stop, found


def python_file(sentence: Sentence, at: int) -> Iterator[tuple[int, str]]:
    """A Python file."""
    text = sentence.tokens[at].text
    if is_file(text):
        yield at + 1, clean(text)


def folder(sentence: Sentence, at: int) -> Iterator[tuple[int, str]]:
    """A folder: with a slash, or a name that folders usually have."""
    token = sentence.tokens[at]
    if not _is_folder(token):
        return
    if "/" in token.text or token.word in _PLAIN_FOLDERS or token.text in _PLAIN_FOLDERS:
        yield at + 1, clean(token.text)


def bare_folder(sentence: Sentence, at: int) -> Iterator[tuple[int, str]]:
    """A folder that the words around it say to be one: "the package core"."""
    token = sentence.tokens[at]
    if _is_folder(token) and token.word not in _NEVER_A_NAME and "." not in token.text.strip("./"):
        yield at + 1, clean(token.text)


def is_word_of_prose(word: str) -> bool:
    return word in _NEVER_A_NAME


def is_file(text: str) -> bool:
    return bool(_FILE.fullmatch(text))


def _is_folder(token: Token) -> bool:
    last = token.text.rstrip("/").rpartition("/")[2]
    return bool(
        _FOLDER.fullmatch(token.text)
        and ("." not in last.lstrip(".") or token.text.endswith("/"))
        and token.text.strip("./")
    )


def clean(path: str) -> str:
    return str(PurePosixPath(path))


_VERSION = re.compile(r"(?:(?:python|py)-?)?(3\.(?:[6-9]|1\d))\+?", re.IGNORECASE)


def version(sentence: Sentence, at: int) -> Iterator[tuple[int, str]]:
    """A version of Python: `3.12`, `Python 3.12`."""
    start = at + 1 if sentence.tokens[at].word == "python" else at
    if start < len(sentence.tokens) and (found := _VERSION.fullmatch(sentence.tokens[start].text)):
        yield start + 1, found[1]


_LEVELS = {
    "debug": "debug", "info": "info", "warning": "warning", "warn": "warning", "error": "error",
    "avertissement": "warning", "erreur": "error",
}  # fmt: skip
_LOGGER = re.compile(r"(?:logging|logger|log)\.(debug|info|warning|error)(?:\(\))?")


def level(sentence: Sentence, at: int) -> Iterator[tuple[int, str]]:
    """A level of logging by its name."""
    token = sentence.tokens[at]
    word = token.word or token.text.lower()
    if word in _LEVELS:
        yield at + 1, _LEVELS[word]


def logger(sentence: Sentence, at: int) -> Iterator[tuple[int, str]]:
    """A level of logging by its call: `logging.debug`."""
    if found := _LOGGER.fullmatch(sentence.tokens[at].text):
        yield at + 1, found[1]


def pattern(sentence: Sentence, at: int) -> Iterator[tuple[int, str]]:
    """Quoted code for ast-grep."""
    token = sentence.tokens[at]
    if token.quote and token.text.strip():
        yield at + 1, token.text.strip()


def one_of(kinds: dict[str, str]) -> Terminal:
    """Return a terminal that reads the longest of these phrases, and what it stands for."""
    phrases = sorted(
        ((key.split(), value) for key, value in kinds.items()), key=lambda p: -len(p[0])
    )

    def read(sentence: Sentence, at: int) -> Iterator[tuple[int, str]]:
        words = [token.word for token in sentence.tokens[at : at + 4]]
        for phrase, value in phrases:
            if words[: len(phrase)] == phrase:
                yield at + len(phrase), value
                return

    return read


TERMINALS: dict[str, Callable[[Sentence, int], Iterator[tuple[int, Any]]]] = {
    "bare_folder": bare_folder,
    "file": python_file,
    "folder": folder,
    "level": level,
    "logger": logger,
    "called_new": called_new_name,
    "name": name,
    "new": plain_new_name,
    "new_name": new_name,
    "pattern": pattern,
    "spoken": spoken_name,
    "version": version,
}
