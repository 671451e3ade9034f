"""What the commands of `alma config` do. Each returns its exit code."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from alma_agent.configuration.files import SettingsFile, read_project, read_user, user_path
from alma_agent.configuration.kinds import WrongSetting, has_password
from alma_agent.configuration.layers import Configuration, Found
from alma_agent.configuration.settings import SETTINGS, setting, unknown_variables
from alma_agent.configuration.writing import set_in, unset_in
from alma_agent.errors import NeedsHuman, UsageError
from alma_agent.terminal import consoles
from alma_agent.terminal.configured import current, left_out_note, told_values
from alma_agent.terminal.consoles import on_terminal, tell
from alma_agent.terminal.wording import YES

_NEW_FILE = "# Settings of alma: KEY = VALUE. `alma config show` names them.\n"
_COMMENT_AT = 36


def show(key: str, *, with_origin: bool) -> int:
    """Tell every setting's value, or one's."""
    configuration = current()
    keys = [setting(key).key] if key else list(SETTINGS)
    found = {one: configuration.found(one) for one in keys}
    tell(
        {
            "settings": {one: _document(one, it) for one, it in found.items()},
            "left_out": {
                one: SETTINGS[one].as_json(value) for one, value in configuration.left_out.items()
            },
        },
        "\n".join(_line(one, it, with_origin=with_origin) for one, it in found.items()),
    )
    if any(one in configuration.left_out for one in keys):
        consoles.err.print(left_out_note(configuration), soft_wrap=True)
    for name, meant in unknown_variables(os.environ).items():
        hint = f" Did you mean {meant}?" if meant else ""
        consoles.err.print(f"The variable {name} means nothing to alma.{hint}", soft_wrap=True)
    return 0


def get(key: str) -> int:
    """Tell one setting's value, bare."""
    one = setting(key)
    value = current().value(key)
    told = one.as_json(value)
    lines = told if isinstance(told, list) else [_bare(told)] if told is not None else []
    tell({"key": key, "value": told}, *lines)
    return 0


def set_value(key: str, words: Sequence[str], *, in_project: bool) -> int:
    """Write one setting into a file."""
    one = setting(key)
    if len(words) > 1 and one.kind != "list":
        raise UsageError(f"{key} takes one value. Put quotes around {shlex.join(words)}.")
    value = one.of_text("\n".join(words))
    if one.kind == "list" and not value:
        raise UsageError(f"{key} takes a list of texts. To have none: alma config unset {key}")
    configuration = current()
    if in_project:
        if one.is_personal:
            raise WrongSetting(f"{key} is for each user to choose. Leave --project out.")
        if one.kind == "address" and has_password(str(value)):
            raise WrongSetting(
                f"{key} holds a password or a key, and a project's file is shared. Leave --project "
                f"out, or set {one.variable}."
            )
        file, was_trusted = _project_file(configuration), _is_trusted(configuration)
        set_in(file.path, file.table, one, value, inside=configuration.root)
        _keep_trust(configuration, was_trusted)
    else:
        file = SettingsFile(user_path())
        set_in(file.path, "", one, value)
    configuration.read_again()
    told = f"{key} = {one.shown(value)} is written into {file.path}."
    tell({"key": key, "value": one.as_json(value), "file": str(file.path)}, told)
    _tell_of_stronger(key, in_project=in_project)
    return 0


def unset(key: str, *, in_project: bool) -> int:
    """Take one setting out of a file; what alma does not know can so be removed, too."""
    configuration = current()
    if in_project:
        file, was_trusted = _project_file(configuration), _is_trusted(configuration)
        is_gone = unset_in(file.path, file.table, key, inside=configuration.root)
        _keep_trust(configuration, was_trusted)
    else:
        file = SettingsFile(user_path())
        is_gone = unset_in(file.path, "", key)
    configuration.read_again()
    told = f"{key} is taken out of {file.path}." if is_gone else f"{file.path} has no {key}."
    tell({"key": key, "file": str(file.path), "removed": is_gone}, told)
    return 0


def edit(*, in_project: bool) -> int:
    """Open a file in the person's editor, and say what is wrong with it then."""
    if not on_terminal():
        raise NeedsHuman("An editor needs a terminal. `alma config path` says where the file is.")
    configuration = current()
    root = configuration.root
    file = _project_file(configuration) if in_project else SettingsFile(user_path())
    if not file.path.exists():
        file.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.path.write_text(_NEW_FILE, encoding="utf-8")
        file.path.chmod(0o644 if in_project else 0o600)
    from alma_agent.terminal.live_area import clear_live

    clear_live()
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    try:
        done = subprocess.run([*shlex.split(editor), str(file.path)], check=False)
    except (OSError, ValueError) as error:
        raise UsageError(f"The editor {editor!r} does not start. Set EDITOR.") from error
    if done.returncode:
        raise UsageError(f"The editor {editor!r} ended with {done.returncode}.")
    configuration.read_again()
    read = read_project(root) if in_project and root else read_user(file.path)
    tell({"file": str(file.path), "settings": len(read.entries)}, f"{file.path} is in order.")
    return 0


def show_path(*, in_project: bool) -> int:
    """Tell where a file is, or would be."""
    path = _project_file(current()).path if in_project else user_path()
    tell({"path": str(path), "exists": path.is_file()}, str(path))
    return 0


def trust(*, assume_yes: bool) -> int:
    """Let the project's file count from now on, if a person wants that."""
    configuration = current()
    values = configuration.needing_trust
    file = _project_file(configuration)
    result: dict[str, Any] = {
        "folder": str(configuration.root),
        "settings": {key: SETTINGS[key].as_json(value) for key, value in values.items()},
    }
    if not values:
        tell(result | {"trusted": True}, f"{file.path.name} says nothing that needs your trust.")
        return 0
    if configuration.is_trusted:
        tell(result | {"trusted": True}, f"You trust {file.path} already.")
        return 0
    consoles.err.print(f"{file.path} says:\n{told_values(values)}", soft_wrap=True)
    if not assume_yes and not _says_yes():
        tell(result | {"trusted": False}, "Nothing is trusted.")
        return 1
    configuration.trust()
    tell(result | {"trusted": True}, f"{file.path} is trusted, until one of these changes.")
    return 0


def untrust() -> int:
    """Take trust back."""
    configuration = current()
    was_trusted = configuration.distrust()
    folder = configuration.root
    told = f"{folder} is trusted no more." if was_trusted else f"{folder} was not trusted."
    tell({"folder": str(folder), "trusted": False, "changed": was_trusted}, told)
    return 0


def _says_yes() -> bool:
    if not on_terminal():
        raise NeedsHuman("Whether to trust this is yours to say: look at it, then add --yes.")
    try:
        answer = consoles.err.input("Trust it from now on? [y/N] ", markup=False)
        return answer.strip().lower() in YES
    except EOFError:
        return False


def _project_file(configuration: Configuration) -> SettingsFile:
    """Return the project's file, however wrong it may be. Raises UsageError where none can be."""
    root = configuration.root
    if root is None:
        raise UsageError("This folder is no project. Go to your project and try again.")
    try:
        return configuration.project or SettingsFile(root / "alma.toml")
    except WrongSetting:
        own = SettingsFile(root / "alma.toml")
        return own if own.path.is_file() else SettingsFile(root / "pyproject.toml", "tool.alma")


def _is_trusted(configuration: Configuration) -> bool:
    try:
        return configuration.is_trusted
    except WrongSetting:
        return False


def _keep_trust(configuration: Configuration, was_trusted: bool) -> None:
    """Trust what the user has just written, where all else was trusted before."""
    fresh = Configuration(configuration.root)
    if was_trusted and not _is_trusted(fresh):
        try:
            fresh.trust()
        except WrongSetting as error:
            consoles.err.print(f"There is more to mend. {error}", soft_wrap=True)


def _tell_of_stronger(key: str, *, in_project: bool) -> None:
    """Say so if something else overrules what was just written."""
    configuration = Configuration(Path.cwd())
    try:
        found = configuration.found(key)
    except WrongSetting as error:
        consoles.err.print(f"There is more to mend. {error}", soft_wrap=True)
        return
    if in_project and key in configuration.left_out:
        consoles.err.print(left_out_note(configuration), soft_wrap=True)
    elif found.layer != ("project" if in_project else "user"):
        consoles.err.print(f"Here something else comes first ({found}).", soft_wrap=True)


def _document(key: str, found: Found) -> Mapping[str, Any]:
    return {
        "value": SETTINGS[key].as_json(found.value),
        "layer": found.layer,
        "where": found.where or None,
        "line": found.line or None,
    }


def _line(key: str, found: Found, *, with_origin: bool) -> str:
    text = f"{key} = {SETTINGS[key].shown(found.value)}"
    if found.value is None:
        text = f"# {key} is not set"
    return f"{text:<{_COMMENT_AT}}  # {found}" if with_origin else text


def _bare(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
