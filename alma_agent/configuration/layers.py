"""What holds of each setting, and who said it: a variable, else the project, the user, the default.

Flags come before all of these; the command line knows them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from alma_agent.configuration.files import SettingsFile, read_project, read_user, user_path
from alma_agent.configuration.kinds import Setting, Value, WrongSetting
from alma_agent.configuration.settings import SETTINGS, setting
from alma_agent.configuration.trust import Trust

Layer = Literal["environment", "project", "user", "default"]


@dataclass(frozen=True, slots=True)
class Found:
    """A setting's value and its origin.

    `where` is the variable's name, or the file's path; `line`, in the file, is 0 if not known.
    """

    value: Value
    layer: Layer
    where: str = ""
    line: int = 0

    def __str__(self) -> str:
        if not self.where:
            return self.layer
        return f"{self.layer}: {self.where}{f', line {self.line}' if self.line else ''}"


class Configuration:
    """The settings that hold in one folder. A file is read when a setting is first asked for.

    `folder` None: there is none, as where the current one was deleted.
    """

    def __init__(
        self,
        folder: Path | None,
        *,
        environ: Mapping[str, str] = os.environ,
        trust: Trust | None = None,
    ) -> None:
        self._start = folder
        self._environ = environ
        self._trust = trust or Trust()
        self._is_trusted_now = False

    @cached_property
    def root(self) -> Path | None:
        """The workspace's root; None where there can be none, such as in the home folder."""
        from toolset.errors import PathRefused
        from toolset.workspace import Workspace

        try:
            return Workspace.around(self._start).root if self._start else None
        except PathRefused:
            return None

    @cached_property
    def project(self) -> SettingsFile | None:
        """The project's file. Raises WrongSetting."""
        return read_project(self.root) if self.root else None

    @cached_property
    def user(self) -> SettingsFile:
        """The user's file. Raises WrongSetting."""
        return read_user(user_path())

    @property
    def needing_trust(self) -> dict[str, Value]:
        """What the project's file says that counts only where the user trusts it."""
        entries = self.project.entries if self.project else {}
        return {key: one.value for key, one in entries.items() if SETTINGS[key].needs_trust}

    @property
    def is_trusted(self) -> bool:
        """Say whether all that the project's file says counts."""
        values = self.needing_trust
        if not values or self._is_trusted_now:
            return True
        return self.root is not None and self._trust.holds(self.root, values)

    @cached_property
    def left_out(self) -> dict[str, Value]:
        """What the project's file says, and does not count: the user does not trust it so far."""
        return {} if self.is_trusted else self.needing_trust

    def trust(self, *, for_now: bool = False) -> None:
        """Let what the project's file says count from now on, or in this process only."""
        if for_now:
            self._is_trusted_now = True
        elif self.root is not None:
            self._trust.give(self.root, self.needing_trust)
        self.__dict__.pop("left_out", None)

    def distrust(self) -> bool:
        """Take trust back; say whether there was any."""
        self._is_trusted_now = False
        self.__dict__.pop("left_out", None)
        return self.root is not None and self._trust.take_back(self.root)

    def read_again(self) -> None:
        """Look at the files anew when next asked: one has changed."""
        for name in ("project", "user", "left_out"):
            self.__dict__.pop(name, None)

    def value(self, key: str) -> Value:
        """Return what holds. Raises WrongSetting."""
        return self.found(key).value

    def found(self, key: str) -> Found:
        """Return what holds, and who said it. Raises WrongSetting; also for a wrong file."""
        one = setting(key)
        return self._said(one) or self.filed(one) or Found(one.default, "default")

    def filed(self, one: Setting) -> Found | None:
        """Return what the files say of a setting, without variables and defaults."""
        project, user = self.project, self.user
        if project and one.key not in self.left_out and (entry := project.entries.get(one.key)):
            return Found(entry.value, "project", str(project.path), entry.line)
        if entry := user.entries.get(one.key):
            return Found(entry.value, "user", str(user.path), entry.line)
        return None

    def _said(self, one: Setting) -> Found | None:
        text = self._environ.get(one.variable, "")
        if not text.strip():  # an empty variable is as good as none
            return None
        try:
            return Found(one.of_text(text), "environment", one.variable)
        except WrongSetting as error:
            raise WrongSetting(f"The variable {one.variable}: {error}") from error


class Variables(Mapping[str, str]):
    """What the files say, as if the environment said it.

    `asked` hears of every setting that somebody asks for here, before it is looked up.
    """

    def __init__(
        self, configuration: Configuration, asked: Callable[[str], None] = lambda _: None
    ) -> None:
        self._configuration = configuration
        self._asked = asked

    def __getitem__(self, name: str) -> str:
        one = _BY_VARIABLE[name]
        self._asked(one.key)
        found = self._configuration.filed(one)
        if found is None:
            raise KeyError(name)
        return one.as_text(found.value)

    def __iter__(self) -> Iterator[str]:
        return iter(
            name for name, one in _BY_VARIABLE.items() if self._configuration.filed(one) is not None
        )

    def __len__(self) -> int:
        return sum(1 for _ in self)


_BY_VARIABLE = {one.variable: one for one in SETTINGS.values()}
