"""Recording traces with OpenTelemetry's SDK and sending them to the exporter that its variables name."""

from __future__ import annotations

import atexit
from importlib.metadata import entry_points
from typing import cast

from opentelemetry import trace
from opentelemetry.sdk.resources import SERVICE_INSTANCE_ID, SERVICE_NAME, SERVICE_VERSION, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter

from kernel import traces
from kernel.keys import new_id
from kernel.settings import home_environment, version

GROUP = "opentelemetry_traces_exporter"
OTHER_NAMES = {"otlp": ("otlp", "otlp_proto_http", "otlp_proto_grpc")}


class ExporterMissing(RuntimeError):
    """The exporter that OTEL_TRACES_EXPORTER names is not installed."""


def install(wanted: str, process: str) -> None:
    """Record from now on; OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES and OTEL_TRACES_SAMPLER mean what they mean elsewhere. Raises ExporterMissing."""
    provider = TracerProvider(resource=named(process))
    provider.add_span_processor(BatchSpanProcessor(exporter(wanted)))
    trace.set_tracer_provider(provider)
    traces.install(provider.get_tracer("sayso", version()))
    atexit.register(provider.shutdown)


def named(process: str) -> Resource:
    """Who records: `sayso-worker`, unless the environment says otherwise."""
    ours = {SERVICE_VERSION: version(), SERVICE_INSTANCE_ID: str(new_id())}
    service = home_environment().get("OTEL_SERVICE_NAME") or f"sayso-{process}"
    return Resource.create({**ours, SERVICE_NAME: service})


def exporter(wanted: str) -> SpanExporter:
    """The installed exporter of this name. Raises ExporterMissing."""
    for name in OTHER_NAMES.get(wanted, (wanted,)):
        for found in entry_points(group=GROUP, name=name):
            return cast("SpanExporter", found.load()())
    msg = f"OTEL_TRACES_EXPORTER is {wanted}, which is not installed: add the package of that exporter (otlp: sayso[otlp]), or unset the variable."
    raise ExporterMissing(msg)
