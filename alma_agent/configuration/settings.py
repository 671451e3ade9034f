"""Every setting, said once: its key, what it takes, its default, its variable, what it needs.

The flags of `alma run`, the files, `alma config` and the documentation are made from this table. It
is imported at every start of alma, and so imports nothing heavy itself.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping

from alma_agent.configuration.kinds import Setting, WrongSetting

# Tables that later parts of alma read by themselves.
RESERVED = frozenset({"review"})
_NAMES_A_KEY = re.compile(r"(^|[-_])(key|keys|token|secret|password)($|[-_])", re.IGNORECASE)

SETTINGS: Mapping[str, Setting] = {
    one.key: one
    for one in (
        # The model.
        Setting("model", "text", "ALMA_MODEL", "The model to ask: NAME, or PROVIDER/NAME."),
        Setting("architect-model", "text", "ALMA_ARCHITECT_MODEL", "The architect's model."),
        Setting(
            "agents",
            "flag",
            "ALMA_AGENTS",
            "Let three agents work: an architect plans, an editor edits, a critic reads.",
            default=False,
        ),
        Setting(
            "endpoint",
            "address",
            "OPENAI_BASE_URL",
            "An OpenAI-compatible endpoint to ask instead of OpenAI's own.",
        ),
        Setting(
            "api",
            "choice",
            "ALMA_API",
            "The protocol of the endpoint.",
            default="auto",
            choices=("auto", "chat", "responses"),
            needs_trust=False,
        ),
        Setting(
            "request-timeout",
            "number",
            "ALMA_REQUEST_TIMEOUT",
            "Seconds that the model may take for one answer.",
            default=300.0,
            least=0.1,
        ),
        Setting(
            "stream",
            "flag",
            "ALMA_STREAM",
            "Show what the model says as it comes; by default, on a terminal.",
            needs_trust=False,
        ),
        # What may be changed, and who is asked.
        Setting(
            "mode",
            "choice",
            "ALMA_MODE",
            "ask: each edit of a model needs a yes; auto-edit: it edits its draft, and you see "
            "the whole; plan: it only reads, and answers with a plan.",
            default="auto-edit",
            choices=("ask", "auto-edit", "plan"),
        ),
        Setting(
            "scope",
            "list",
            "ALMA_SCOPE",
            "What may be changed: a path or a glob as in .gitignore, such as 'src/**'. Can be "
            "given several times. Nothing else is changed, by whatever means.",
            default=(),
            needs_trust=False,
        ),
        Setting(
            "ask-before",
            "list",
            "ALMA_ASK_BEFORE",
            "A model's tool whose every call needs a yes, such as run_checks.",
            default=(),
        ),
        Setting(
            "accept",
            "choice",
            "ALMA_ACCEPT",
            "What --yes accepts of exact refactorings.",
            default="proven",
            choices=("proven", "likely"),
        ),
        Setting(
            "session",
            "text",
            "ALMA_SESSION",
            "The name of a conversation that goes on: the model hears what was said in it before.",
            default="",
        ),
        # What must pass.
        Setting(
            "check",
            "command",
            "ALMA_CHECK",
            "A command that must pass on a private copy with the change, such as "
            '"python -m pytest -q". No shell runs it.',
        ),
        Setting(
            "check-timeout",
            "number",
            "ALMA_CHECK_TIMEOUT",
            "Seconds that the check may take.",
            default=600.0,
            least=0.1,
        ),
        Setting(
            "check-network",
            "flag",
            "ALMA_CHECK_NETWORK",
            "Let the check use the network; else it has its own loopback only, where the system "
            "can do that.",
            default=False,
        ),
        Setting(
            "lint",
            "flag",
            "ALMA_LINT",
            "Show what ruff, if it is installed, newly finds in the change.",
            default=True,
            needs_trust=False,
        ),
        # How far a run may go.
        Setting(
            "max-turns",
            "whole number",
            "ALMA_MAX_TURNS",
            "Model calls at the most.",
            default=30,
            least=1,
        ),
        Setting(
            "max-seconds",
            "number",
            "ALMA_MAX_SECONDS",
            "Seconds at the most.",
            default=900.0,
            least=1,
        ),
        Setting(
            "max-tokens",
            "whole number",
            "ALMA_MAX_TOKENS",
            "Tokens at the most, in and out.",
            least=1,
        ),
        Setting("max-usd", "number", "ALMA_MAX_USD", "US dollars at the most.", least=0),
        # Memory.
        Setting(
            "ledger-url",
            "address",
            "ALMA_LEDGER_URL",
            "A PostgreSQL database that keeps the memory, instead of a file in the repository.",
        ),
        Setting(
            "namespace",
            "text",
            "ALMA_NAMESPACE",
            "Whose memories are this repository's in a shared ledger; by default, its origin's.",
        ),
        Setting(
            "embedder",
            "text",
            "ALMA_EMBEDDER",
            "Who makes texts into vectors: minilm, none, or a model that embedder-url serves.",
            default="minilm",
        ),
        Setting(
            "embedder-url",
            "address",
            "ALMA_EMBEDDER_URL",
            "The endpoint of the embedder; by default, the model's.",
        ),
        Setting(
            "chroma-url",
            "address",
            "ALMA_CHROMA_URL",
            "A Chroma server that keeps the index, instead of a folder in the repository.",
        ),
        # The screen.
        Setting(
            "pager",
            "text",
            "ALMA_PAGER",
            "The program that shows what is longer than the screen, instead of PAGER; cat: none.",
            is_personal=True,
        ),
    )
}


# What else alma hears from the environment, and from no file.
OTHER_VARIABLES: Mapping[str, str] = {
    "OPENAI_API_KEY": "The key to the model; other providers' are named alike: ANTHROPIC_API_KEY.",
    "ALMA_EMBEDDER_KEY": "The key to the embedder; by default, the model's.",
    "ALMA_CHROMA_TOKEN": "The token of the Chroma server.",
    "ALMA_OTEL": "Where spans go, for those who want them: console, file:PATH or otlp.",
}
_OF_CHECKS = frozenset({"ALMA_WORKSPACE"})  # set for a check, which may run alma itself


def unknown_variables(environ: Iterable[str]) -> dict[str, str]:
    """Return the `ALMA_*` variables that mean nothing, each with what may be meant, or nothing."""
    known = {one.variable for one in SETTINGS.values()} | OTHER_VARIABLES.keys() | _OF_CHECKS
    unknown = sorted(name for name in environ if name.startswith("ALMA_") and name not in known)
    ours = sorted(name.removeprefix("ALMA_") for name in known if name.startswith("ALMA_"))
    meant = {name: _alike(name.removeprefix("ALMA_"), ours) for name in unknown}
    return {name: f"ALMA_{found}" if found else "" for name, found in meant.items()}


def setting(key: str) -> Setting:
    """Return the setting of this name. Raises WrongSetting, with what may have been meant."""
    if found := SETTINGS.get(key):
        return found
    if key == "yes":
        raise WrongSetting("yes is said with each command, as --yes, and kept nowhere.")
    if _NAMES_A_KEY.search(key):
        raise WrongSetting(
            f"{key}: alma takes no keys from files, which are copied and shared. Set the variable, "
            "such as OPENAI_API_KEY; or, with the extra `keyring`, say `keyring set alma openai`."
        )
    likely = _alike(key.replace("_", "-").lower(), SETTINGS)
    hint = f"Did you mean {likely}?" if likely else "`alma config show` names them all."
    raise WrongSetting(f"{key} is no setting. {hint}")


def _alike(name: str, known: Iterable[str]) -> str:
    """Return the name that may have been meant; or nothing.

    Letters that changed places are one slip; difflib finds `modle` nearer to `mode`.
    """
    found = difflib.get_close_matches(name, known, n=2)
    same = [one for one in found if sorted(one) == sorted(name)]
    return (same or found or [""])[0]
