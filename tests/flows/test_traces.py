"""One trace from the tool call to the callback, followed hours later; nothing recorded and next to nothing done while it is off."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Iterator
from time import perf_counter

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from sqlalchemy import text

from approvals.requests import Pending
from crm.access.keys import SCOPES
from kernel import log, traces
from kernel.call import Caller
from kernel.db import Database
from kernel.keys import new_id
from kernel.traces import Span, begun, carried, here, read
from outbox.dispatch import StatusEvent, Unsure
from outbox.store import reconcile
from processes.exporting import ExporterMissing, exporter, named
from processes.tracing import exporter_named
from surfaces.door import Door
from surfaces.invoke import invoke
from tests.factories import PHONE, Bench, Desk
from workers.calls import Calls
from workers.inquiries import Inquiries

SENT_BY_AGENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
TRACE = SENT_BY_AGENT[3:35]


@pytest.fixture
def recorded() -> Iterator[InMemorySpanExporter]:
    """What an exporter would be given."""
    kept = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(kept))
    traces.install(provider.get_tracer("sayso"))
    yield kept
    traces.install(None)
    provider.shutdown()


def asked(desk: Desk, parent: str | None = SENT_BY_AGENT) -> Pending:
    """An agent's call, as a surface makes it."""
    agent = Caller("agent", desk.founded.key.id, "first agent", frozenset(SCOPES))
    with Span("POST /api", parent=parent, request="11aa22bb"):
        done = invoke(Door(desk.settings, desk.database), agent, desk.founded.workspace, "send_sms", {"to": PHONE, "body": "canary words"})
    assert isinstance(done.answer, Pending)
    return done.answer


def played(desk: Desk, bench: Bench) -> Pending:
    """Asked for, decided in another request, sent by a worker, called back about."""
    pending = asked(desk)
    with Span("POST /portal", request="33cc44dd"):
        desk.decide(pending)
    bench.drain()
    with bench.database.line() as line, line.transaction():
        assert reconcile(line, StatusEvent("k", "delivered", None, None), (pending.intent_ids[0], 1))
    return pending


def traced(kept: InMemorySpanExporter) -> dict[str, ReadableSpan]:
    """The spans of the agent's own trace, by name."""
    return {span.name: span for span in kept.get_finished_spans() if span.context and f"{span.context.trace_id:032x}" == TRACE}


def test_one_trace_leads_from_the_tool_call_to_the_callback(desk: Desk, bench: Bench, recorded: InMemorySpanExporter) -> None:
    pending = played(desk, bench)
    spans = traced(recorded)
    assert {"POST /api", "tool send_sms", "decision", "claim", "send sms:sandbox", "callback"} <= set(spans)
    assert spans["send sms:sandbox"].attributes == {"sayso.attempt": 1, "sayso.outcome": "accepted", "sayso.intent": str(pending.intent_ids[0])}


def test_a_decision_is_linked_to_the_request_in_which_it_was_made(desk: Desk, bench: Bench, recorded: InMemorySpanExporter) -> None:
    played(desk, bench)
    (link,) = traced(recorded)["decision"].links
    (visit,) = [span for span in recorded.get_finished_spans() if span.name == "POST /portal"]
    assert visit.context
    assert link.context.trace_id == visit.context.trace_id
    assert f"{link.context.trace_id:032x}" != TRACE


def test_the_look_up_that_settles_a_doubt_is_part_of_its_trace(desk: Desk, bench: Bench, owner_db: Database, recorded: InMemorySpanExporter) -> None:
    pending = asked(desk)
    desk.decide(pending)
    bench.memory.tell(Unsure("the answer was lost"))
    bench.drain()
    with owner_db.transaction() as session:
        session.execute(text("UPDATE delivery SET due_at = now() WHERE state = 'in_doubt'"))
    Inquiries(bench.database, Calls(bench.settings, {"sandbox": bench.memory})).ask()
    told = traced(recorded)["look up"].attributes
    assert told == {"sayso.attempt": 1, "sayso.outcome": "found", "sayso.intent": str(pending.intent_ids[0])}


def test_no_span_names_a_person_or_holds_their_words(desk: Desk, bench: Bench, recorded: InMemorySpanExporter) -> None:
    played(desk, bench)
    told = " ".join(span.to_json() for span in recorded.get_finished_spans())
    for secret in ("canary", PHONE, "olivia", "Studio", "sayso_mcp_"):
        assert secret not in told


def test_the_trace_is_stored_with_the_intent_also_while_nobody_records(desk: Desk, owner_db: Database) -> None:
    asked(desk)
    asked(desk, parent=None)
    with owner_db.transaction() as session:
        stored = list(session.scalars(text("SELECT traceparent FROM intent WHERE kind = 'sms' ORDER BY id")))
    assert stored[0] == SENT_BY_AGENT
    assert read(stored[1])
    assert stored[1][3:35] != TRACE


@pytest.mark.parametrize("sent", [None, "", "x", SENT_BY_AGENT.upper(), f"{SENT_BY_AGENT}-1", f"00-{'0' * 32}-b7ad6b7169203331-01", SENT_BY_AGENT + "\n"])
def test_what_is_no_traceparent_begins_a_trace_of_its_own(sent: str | None) -> None:
    assert read(sent) is None
    assert read(begun())


def test_whatever_is_raised_leads_back_to_where_we_were() -> None:
    with pytest.raises(ValueError, match="canary"), Span("outer", request="11aa22bb"):
        raise ValueError("canary")
    assert here() is None
    assert carried() is None


MOST_MICROSECONDS = 60.0


def test_a_step_costs_next_to_nothing_while_nobody_records() -> None:
    steps, intent = 5000, new_id()
    best = 1.0
    for _ in range(5):
        began = perf_counter()
        for _ in range(steps):
            with Span("send sms", parent=SENT_BY_AGENT, intent=intent, attempt=1):
                pass
        best = min(best, (perf_counter() - began) / steps)
    sys.stdout.write(f"a step while nobody records: {best * 1e6:.1f} us\n")
    assert best * 1e6 < MOST_MICROSECONDS


def test_nothing_of_the_sdk_is_used_until_an_exporter_is_named() -> None:
    assert exporter_named({}) is None
    assert exporter_named({"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}) is None
    assert exporter_named({"OTEL_TRACES_EXPORTER": "otlp", "OTEL_SDK_DISABLED": "true"}) is None
    assert exporter_named({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}) == "otlp"
    assert exporter_named({"OTEL_TRACES_EXPORTER": "", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}) == "otlp", "empty counts as not set"


def test_an_exporter_is_found_by_its_name_or_refused_with_a_sentence() -> None:
    assert type(exporter("console")).__name__ == "ConsoleSpanExporter"
    with pytest.raises(ExporterMissing, match="OTEL_TRACES_EXPORTER"):
        exporter("nosuch")
    assert named("worker").attributes["service.name"] == "sayso-worker"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What the log writes."""
    root = logging.getLogger()
    kept, level = root.handlers[:], root.level
    stream = io.StringIO()
    log.setup(stream=stream)
    yield stream
    root.handlers[:] = kept
    root.setLevel(level)


def test_each_line_of_the_log_says_which_trace_request_and_intent_it_is_about(lines: io.StringIO) -> None:
    intent = new_id()
    with Span("POST /api", parent=SENT_BY_AGENT, request="11aa22bb"), Span("send sms", intent=intent):
        logging.getLogger("sayso.test").info("said inside")
    logging.getLogger("sayso.test").info("said outside")
    inside, outside = (json.loads(line) for line in lines.getvalue().splitlines())
    assert (inside["trace_id"], inside["request_id"], inside["intent_id"]) == (TRACE, "11aa22bb", f"int_{intent.hex}")
    assert not {"trace_id", "request_id", "intent_id"} & outside.keys()


def test_the_log_of_a_message_holds_its_trace_and_none_of_its_words(desk: Desk, bench: Bench, lines: io.StringIO) -> None:
    bench.memory.tell(RuntimeError(f"canary words for {PHONE} with sayso_mcp_{'a' * 32}"))
    pending = asked(desk)
    desk.decide(pending)
    bench.drain()
    written = lines.getvalue()
    (line,) = [json.loads(each) for each in written.splitlines() if "raised" in each]
    assert (line["trace_id"], line["intent_id"]) == (TRACE, f"int_{pending.intent_ids[0].hex}")
    assert PHONE not in written
    assert "sayso_mcp_a" not in written
