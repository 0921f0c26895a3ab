"""Whether traces are recorded: only when the standard variables of OpenTelemetry name where they go; until then its SDK is not even imported."""

from __future__ import annotations

from kernel.discover import load
from kernel.settings import home_environment

NOWHERE = ("", "none")


def start(process: str) -> None:
    """Record the spans of this process, if an exporter is named. Raises ExporterMissing."""
    if wanted := exporter_named(home_environment()):
        load("processes.exporting").install(wanted, process)


def exporter_named(environment: dict[str, str]) -> str | None:
    """`OTEL_TRACES_EXPORTER`; `otlp` when only an endpoint is given; None when tracing is off."""
    given = environment.get("OTEL_EXPORTER_OTLP_ENDPOINT") or environment.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
    name = (environment.get("OTEL_TRACES_EXPORTER") or ("otlp" if given else "")).strip().lower()
    is_off = environment.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"
    return None if is_off or name in NOWHERE else name
