"""Where spans go: nowhere, unless ALMA_OTEL says so. The OpenTelemetry SDK is loaded here only."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import IO, TYPE_CHECKING

from alma_agent import __version__
from alma_agent.errors import UsageError

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter

_OFF = frozenset({"", "0", "off", "no", "none", "false"})
_PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")


def provider(environ: Mapping[str, str] = os.environ) -> TracerProvider | None:
    """Return who makes spans and sends them away; None if ALMA_OTEL is not set.

    ALMA_OTEL is `otlp` (OpenTelemetry's own variables say where), `console` (JSON, a span a line,
    on stderr) or `file:PATH` (the same, appended). It is not made the process's provider: other
    libraries would then send spans, too. Raises UsageError.
    """
    target = environ.get("ALMA_OTEL", "").strip()
    if target.lower() in _OFF:
        return None
    try:
        return _provider(target, environ)
    except ImportError as error:
        raise UsageError(
            f"ALMA_OTEL is {target}, and what it needs is not installed: "
            "pip install 'alma-agent[otel]'."
        ) from error


def _provider(target: str, environ: Mapping[str, str]) -> TracerProvider:
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider

    told = {"service.version": __version__}
    if not environ.get("OTEL_SERVICE_NAME"):
        told["service.name"] = "alma"
    made = TracerProvider(resource=Resource.create(told), shutdown_on_exit=False)
    made.add_span_processor(_processor(target, environ))
    return made


def _processor(target: str, environ: Mapping[str, str]) -> SpanProcessor:
    from opentelemetry.sdk.trace.export import (
        BatchSpanProcessor,
        ConsoleSpanExporter,
        SimpleSpanProcessor,
    )

    kind, _, path = target.partition(":")
    match kind.lower():
        case "otlp" if not path:
            return BatchSpanProcessor(_otlp(environ))
        case "console" if not path:
            return SimpleSpanProcessor(ConsoleSpanExporter(out=sys.stderr, formatter=_line))
        case "file" if path:

            class Lines(ConsoleSpanExporter):
                def shutdown(self) -> None:
                    self.out.close()

            return SimpleSpanProcessor(Lines(out=_file(path), formatter=_line))
    raise UsageError(f"ALMA_OTEL is {target!r}; it takes otlp, console or file:PATH.")


def _otlp(environ: Mapping[str, str]) -> SpanExporter:
    protocol = next((found for name in _PROTOCOLS if (found := environ.get(name))), "grpc")
    if protocol == "grpc":
        from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter

        return OTLPSpanExporter()
    from opentelemetry.exporter.otlp.proto.http import trace_exporter as over_http

    exporter: SpanExporter = over_http.OTLPSpanExporter()
    return exporter


def _file(path: str) -> IO[str]:
    """Open a file that only its owner reads: it may come to hold what was said."""
    try:
        return os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "a")
    except OSError as error:
        raise UsageError(f"ALMA_OTEL: {path} cannot be written ({error.strerror}).") from error


def _line(span: ReadableSpan) -> str:
    return f"{span.to_json(indent=None)}\n"
