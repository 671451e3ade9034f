"""The JSON Schema of what `--json` prints: the envelope, and the `result` of each command.

`docs/schema/` holds it as published: `scripts/json_schema.py` writes it, a test compares it. It
lets in keys that it does not know: new ones may come within a version.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import UnionType
from typing import Any, TypeAlias, cast, get_args

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema
from typing_extensions import TypedDict

from alma_agent.exit_codes import ExitCode
from alma_agent.terminal.envelope import VERSION, Envelope

Result: TypeAlias = type | UnionType
Schema: TypeAlias = dict[str, Any]

_DEFINITIONS = "#/$defs/"


class NothingDone(TypedDict):
    """It is as the command would make it already; `note` says so."""

    note: str


def results() -> dict[str, Result]:
    """Return what each command tells a program, under its name on the command line."""
    from alma_agent.terminal import config_documents, costs, documents, reading, refactor_json
    from alma_agent.terminal.report.document import ReportResult

    told: dict[str, Result] = {
        "run": documents.RunResult,
        "resume": documents.RunResult | documents.PausedResult | documents.DropResult,
        "undo": documents.UndoResult | NothingDone,
        "redo": documents.UndoResult | NothingDone,
        "diff": documents.DiffResult,
        "log": documents.LogResult,
        "checkpoints list": documents.CheckpointsResult,
        "checkpoints prune": documents.PruneResult,
        "doctor": documents.DoctorResult,
        "report": ReportResult,
        "cost": costs.CostResult,
        "completion": config_documents.CompletionResult,
        "outline": reading.OutlineResult,
        "refs": reading.ReferencesResult | reading.DefinitionsResult,
        "refactor list": refactor_json.RefactorListResult,
    }
    refactorings = dict.fromkeys(requests(), refactor_json.RefactorResult)
    return told | refactorings | _of_proposals() | _of_config() | _of_memory()


def requests() -> dict[str, type]:
    """Return what `result.request` holds for each `alma refactor NAME`."""
    from toolset.refactor.catalogue import KINDS

    return {f"refactor {name}": kind for name, kind in KINDS.items()}


def _of_proposals() -> dict[str, Result]:
    from alma_agent.terminal.proposals import (
        landing_documents,
        lint_command,
        list_command,
        propose_command,
        repropose_command,
        review_command,
    )

    return {
        "propose": propose_command.ProposeResult,
        "review": review_command.ReviewResult,
        "apply": landing_documents.ApplyResult,
        "verify": landing_documents.VerifyResult,
        "repropose": repropose_command.ReproposeResult,
        "proposals list": list_command.ProposalsListResult,
        "proposals lint": lint_command.ProposalsLintResult,
    }


def _of_config() -> dict[str, Result]:
    from alma_agent.terminal import config_documents as told

    return {
        "config show": told.ConfigShowResult,
        "config get": told.ConfigGetResult,
        "config set": told.ConfigSetResult,
        "config unset": told.ConfigUnsetResult,
        "config edit": told.ConfigEditResult,
        "config path": told.ConfigPathResult,
        "config trust": told.ConfigTrustResult,
        "config untrust": told.ConfigUntrustResult,
    }


def _of_memory() -> dict[str, Result]:
    from alma_agent.terminal.memory import (
        code,
        forgetting,
        health,
        history,
        lint,
        looking,
        reasons,
        sharing,
        statistics,
        writing,
    )

    told: dict[str, Result] = {
        "list": looking.MemoryListResult,
        "search": looking.MemorySearchResult,
        "show": looking.MemoryShowResult,
        "why": reasons.MemoryRankingResult | reasons.MemoryOriginResult,
        "files": code.MemoryFilesResult,
        "code": code.MemoryCodeResult,
        "timeline": history.MemoryTimelineResult,
        "map": history.MemoryMapResult,
        "stats": statistics.MemoryStatsResult,
        "doctor": health.MemoryDoctorResult,
        "add": writing.MemoryAddResult,
        "decide": writing.MemoryAddResult,
        "edit": writing.MemoryEditResult,
        "pin": writing.MemoryEditResult,
        "forget": forgetting.MemoryForgetResult,
        "rebuild": health.MemoryRebuildResult,
        "export": sharing.MemoryExportResult,
        "import": sharing.MemoryImportResult,
        "lint": lint.MemoryLintResult,
    }
    return {f"memory {name}": result for name, result in told.items()}


def schema() -> Schema:
    """Return the schema of every document that `--json` prints."""
    told, asked = results(), requests()
    kinds = {one for result in told.values() for one in alternatives(result)}
    definitions = _definitions([Envelope, *kinds, *asked.values()])
    envelope = definitions.pop("Envelope")
    _name_codes(envelope["properties"], definitions["ToldError"]["properties"])
    required = {one: definitions[one.__name__].pop("required") for one in kinds}
    by_result: dict[Result, list[str]] = {}
    for command, result in told.items():
        by_result.setdefault(result, []).append(command)
    return {
        "$schema": GenerateJsonSchema.schema_dialect,
        "$id": f"urn:alma:json:{VERSION}",
        **envelope,
        "title": "What alma prints with --json",
        "allOf": [
            *(_rule(commands, _told(result, required)) for result, commands in by_result.items()),
            *(_rule([name], _asked(kind)) for name, kind in asked.items()),
        ],
        "$defs": definitions,
    }


def alternatives(result: Result) -> tuple[type, ...]:
    """Return the documents of which a command tells one."""
    return get_args(result) or (cast(type, result),)


class _WithoutNoise(GenerateJsonSchema):
    """Titles that repeat a key's name are left out, as are defaults: every key is there."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002
        return False

    def default_schema(self, schema: Any) -> Schema:
        return self.generate_inner(schema["schema"])

    def field_is_required(self, field: Any, total: bool) -> bool:
        return field["type"] == "dataclass-field" or super().field_is_required(field, total)


def _definitions(kinds: Sequence[type]) -> dict[str, Schema]:
    """Return the schema of each type, and of those that they are made of, by their names."""
    _, made = TypeAdapter.json_schemas(
        [(kind, "serialization", TypeAdapter(kind)) for kind in kinds],
        ref_template=f"{_DEFINITIONS}{{model}}",
        schema_generator=_WithoutNoise,
    )
    definitions: dict[str, Schema] = made["$defs"]
    for one in definitions.values():
        one.pop("title", None)
    return dict(sorted(definitions.items()))


def _name_codes(envelope: Schema, error: Schema) -> None:
    envelope["alma"] = {"const": VERSION}
    envelope["exit_code"]["enum"] = [int(code) for code in ExitCode]
    error["kind"]["enum"] = [code.kind for code in ExitCode if code]


def _rule(commands: list[str], then: Schema) -> Schema:
    return {"if": {"properties": {"command": {"enum": commands}}}, "then": then}


def _told(result: Result, required: Mapping[type, list[str]]) -> Schema:
    """Return what `result` holds: all of a document's keys, or some if there is an error."""
    whole = [_reference(one) | {"required": required[one]} for one in alternatives(result)]
    parts = [_reference(one) for one in alternatives(result)]
    return {
        "if": {"properties": {"error": {"type": "null"}}},
        "then": {"properties": {"result": _one_of(whole)}},
        "else": {"properties": {"result": _one_of(parts)}},
    }


def _asked(kind: type) -> Schema:
    request = {"request": _reference(kind)}
    return {"properties": {"result": {"properties": request}}}


def _one_of(several: list[Schema]) -> Schema:
    return {"anyOf": several} if len(several) > 1 else several[0]


def _reference(kind: type) -> Schema:
    return {"$ref": f"{_DEFINITIONS}{kind.__name__}"}
