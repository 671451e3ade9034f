"""What a tool takes: its schema, made of a function's signature, and a call's arguments read by it.

Forgiving where nothing is guessed: a number as text, a line break in a string, arguments twice
encoded, a list as one string. What does not fit is told in a sentence.
"""

from __future__ import annotations

import inspect
import json
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, get_type_hints

from pydantic import BaseModel, ValidationError, create_model

from toolset.errors import ToolsetError


class WrongArguments(ToolsetError):
    """The arguments of a call are no JSON, or not what the tool takes."""

    def __init__(self, tool: str, why: str, takes: str) -> None:
        super().__init__(
            f"The arguments of {tool} do not fit: {why}. It takes, as JSON: {takes}. "
            "Nothing was done."
        )


@dataclass(frozen=True)
class Parameters:
    """The parameters of a function but its first, which is the desk."""

    function: Callable[..., str]

    @cached_property
    def schema(self) -> dict[str, Any]:
        """Return the JSON schema as the model sees it; without titles, which say nothing new."""
        schema = self._model.model_json_schema()
        properties = {
            name: {key: value for key, value in about.items() if key != "title"}
            for name, about in schema.get("properties", {}).items()
        }
        required = {"required": schema["required"]} if "required" in schema else {}
        return {"type": "object", "properties": properties, **required}

    def __str__(self) -> str:
        taken = self.schema["properties"].items()
        return ", ".join(f"{name} ({_spelt(about)})" for name, about in taken) or "nothing"

    def read(self, text: str) -> tuple[dict[str, Any], list[str]]:
        """Return the arguments by name, and the names of those that the tool does not take.

        Raises WrongArguments.
        """
        tool = self.function.__name__
        given = {name: self._listed(name, value) for name, value in self._given(text).items()}
        try:
            read = self._model.model_validate(given)
        except ValidationError as error:
            why = "; ".join(_wrong(one) for one in error.errors(include_url=False))
            raise WrongArguments(tool, why, str(self)) from None
        names = type(read).model_fields
        return {name: getattr(read, name) for name in names}, sorted(set(given) - set(names))

    @cached_property
    def _model(self) -> type[BaseModel]:
        hints = get_type_hints(self.function, include_extras=True)
        _, *taken = inspect.signature(self.function).parameters.values()
        fields: dict[str, Any] = {
            one.name: (hints[one.name], ... if one.default is one.empty else one.default)
            for one in taken
        }
        return create_model(self.function.__name__, **fields)

    def _given(self, text: str) -> dict[str, Any]:
        tool = self.function.__name__
        try:
            given = json.loads(text.strip() or "{}", strict=False)
            if isinstance(given, str):
                given = json.loads(given.strip() or "{}", strict=False)
        except json.JSONDecodeError as error:
            why = f"they are no JSON ({error.msg}, at character {error.pos + 1})"
            raise WrongArguments(tool, why, str(self)) from None
        except RecursionError:
            raise WrongArguments(tool, "they are nested too deeply", str(self)) from None
        if given is None:
            return {}
        if not isinstance(given, dict):
            raise WrongArguments(tool, "they are no JSON object", str(self))
        return given

    def _listed(self, name: str, value: object) -> object:
        """Return a list that came as one string, as the list."""
        about = self.schema["properties"].get(name, {})
        if about.get("type") != "array" or not isinstance(value, str):
            return value
        try:
            read = json.loads(value)
            return read if isinstance(read, list) else [value]
        except ValueError:
            pass
        try:
            return shlex.split(value)
        except ValueError:
            return [value]


def _spelt(about: Mapping[str, Any]) -> str:
    kind = f"array of {about['items']['type']}s" if "items" in about else about["type"]
    return f"{kind}, {json.dumps(about['default'])} if left out" if "default" in about else kind


def _wrong(error: Mapping[str, Any]) -> str:
    name = ".".join(str(part) for part in error["loc"])
    if error["type"] == "missing":
        return f"{name} is missing"
    message = str(error["msg"]).removeprefix("Input ")
    return f"{name} {message}"
