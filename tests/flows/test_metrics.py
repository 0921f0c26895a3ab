"""What is measured is true, names nobody, and every alarm asks for something that is measured."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import unquote
from urllib.request import Request, urlopen

import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr
from sqlalchemy.engine import make_url

from kernel.clock import monotonic
from kernel.db import Database
from kernel.settings import Settings
from outbox.dispatch import Unsure
from processes.metrics import Exposition, MetricsPort
from processes.parts import open_exposition
from processes.serving import PortTaken
from tests.factories import PHONE, Bench, Desk
from tests.fixtures.proxy import Proxy, Rule
from tests.fixtures.senders import connected

ROOT = Path(__file__).resolve().parents[2]
ALERTS = (ROOT / "deploy" / "alerts.yml").read_text()
NAMED = re.compile(r"\bsayso_[a-z_]+")
LABELS = {"channel", "state", "lane", "process", "provider", "outcome", "le"}
MOST_SERIES = 300
SCRAPE_S = 9.0
"""Prometheus waits 10 s unless it is told otherwise."""


@pytest.fixture
def exposition(web_db: Database) -> Exposition:
    return Exposition(web_db)


def figures(exposition: Exposition) -> dict[tuple[str, tuple[str, ...]], float]:
    text = exposition().decode()
    families = text_string_to_metric_families(text)
    return {(sample.name, tuple(sorted(sample.labels.values()))): sample.value for family in families for sample in family.samples}


def test_what_waits_and_what_is_in_doubt_is_measured(desk: Desk, bench: Bench, exposition: Exposition) -> None:
    desk.ask("held")
    desk.approved("in doubt")
    bench.memory.tell(Unsure("no answer came"))
    bench.drain()
    desk.approved("waits")
    told = figures(exposition)
    assert told["sayso_database_up", ()] == 1
    assert told["sayso_queue_depth", ("held", "sms")] == 1
    assert told["sayso_queue_depth", ("ready", "sms")] == 1
    assert told["sayso_in_doubt", ("sms",)] == 1
    assert told["sayso_dead_letters", ("sms",)] == 0
    assert told["sayso_approvals_waiting", ()] == 1
    assert told["sayso_processes_alive", ("worker",)] == 0


def test_a_call_is_timed_and_counted_by_provider_and_outcome(desk: Desk, bench: Bench, exposition: Exposition) -> None:
    def so_far() -> tuple[float, ...]:
        told = figures(exposition)
        calls = told.get(("sayso_provider_call_seconds_count", ("accepted", "sandbox")), 0.0)
        sent = told.get(("sayso_approve_to_sent_seconds_count", ("sms",)), 0.0)
        return calls, sent, told.get(("sayso_ticks_total", ("sms",)), 0.0), told.get(("sayso_claimed_total", ("sms",)), 0.0)

    before = so_far()
    for body in ("one", "two", "three"):
        desk.approved(body)
    bench.drain()
    calls, sent, ticks, claimed = (now - then for now, then in zip(so_far(), before, strict=True))
    assert (calls, sent, claimed) == (3, 3, 3)
    assert 1 <= ticks <= 4


def test_mail_to_our_own_people_is_no_message_that_was_approved(desk: Desk, bench: Bench, exposition: Exposition) -> None:
    counted = ("sayso_approve_to_sent_seconds_count", ("email",))
    before = figures(exposition).get(counted)
    desk.ask()
    bench.drain("email:sandbox")
    assert figures(exposition).get(counted) == before


def test_no_customer_tenant_or_secret_is_named(desk: Desk, bench: Bench, worker_db: Database, exposition: Exposition) -> None:
    account = connected(desk, worker_db)
    desk.approved("canary words")
    bench.drain(f"sms:twilio/{account.hex}")
    text = exposition().decode()
    assert 'lane="sms:twilio/own"' in text
    for secret in ("canary", account.hex, desk.founded.workspace.hex, str(desk.founded.workspace), PHONE, "Olivia", "Studio", "@"):
        assert secret not in text
    labels = {label for family in text_string_to_metric_families(text) for sample in family.samples for label in sample.labels}
    assert labels <= LABELS
    assert len(figures(exposition)) < MOST_SERIES


def test_a_scrape_tells_when_the_database_is_away() -> None:
    away = Database("postgresql+psycopg://nobody@127.0.0.1:1/nothing", size=1)
    told = figures(Exposition(away))
    assert told["sayso_database_up", ()] == 0
    assert not any(name == "sayso_queue_depth" for name, _ in told)
    away.close()


@pytest.fixture
def wire(settings: Settings) -> Iterator[Proxy]:
    """Between whoever scrapes and PostgreSQL."""
    url = make_url(settings.database_url)
    with Proxy(f"{unquote(str(url.query['host']))}/.s.PGSQL.{url.query['port']}") as proxy:
        yield proxy


@pytest.fixture
def wired(settings: Settings, wire: Proxy, owner_db: Database) -> Iterator[Exposition]:
    """Told over that wire; nothing is shown again."""
    url = make_url(settings.database_url).set(host="127.0.0.1", port=wire.port, query={"sslmode": "disable", "gssencmode": "disable"})
    told = open_exposition(settings.model_copy(update={"database_url": url.render_as_string(hide_password=False)}))
    yield told
    wire.obey(Rule("refuse"))
    told.close()


def is_up(exposition: Exposition) -> bool:
    return figures(exposition)["sayso_database_up", ()] == 1


def test_a_database_that_hangs_keeps_no_scrape_waiting(wired: Exposition, wire: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("processes.gauges.FRESH", 0.0)
    assert is_up(wired)
    monkeypatch.setattr("processes.gauges.FRESH", 60.0)
    wire.obey(Rule("swallow"))
    began = monotonic()
    with ThreadPoolExecutor(6) as scrapers:
        assert list(scrapers.map(is_up, [wired] * 6)) == [False] * 6
    assert monotonic() - began < SCRAPE_S


def test_a_database_that_came_back_is_told_at_once(wired: Exposition, wire: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("processes.gauges.FRESH", 0.0)
    assert is_up(wired)
    wire.obey(Rule("cut", times=1))
    assert is_up(wired), "the connection of the scrape before is all that is gone"


def test_many_scrapes_read_the_database_once(exposition: Exposition, desk: Desk) -> None:
    before = figures(exposition)["sayso_approvals_waiting", ()]
    desk.ask()
    assert figures(exposition)["sayso_approvals_waiting", ()] == before


@pytest.fixture
def port(settings: Settings, exposition: Exposition) -> Iterator[MetricsPort]:
    serving = MetricsPort(settings.model_copy(update={"metrics_token": SecretStr("canary-token-for-metrics")}), exposition)
    serving.start()
    yield serving
    serving.stop()


def answered(port: MetricsPort, path: str = "/metrics", token: str = "") -> int:
    asked = Request(f"http://127.0.0.1:{port.port}{path}", headers={"Authorization": f"Bearer {token}"})
    try:
        with urlopen(asked, timeout=10) as answer:
            return int(answer.status)
    except OSError as refused:
        return int(getattr(refused, "code", 0))


def test_the_port_asks_for_the_token_that_is_set(port: MetricsPort) -> None:
    assert answered(port) == 401
    assert answered(port, token="canary-token-for-metrics") == 200
    assert answered(port, "/metrics?name[]=up", token="canary-token-for-metrics") == 200
    assert answered(port, "/") == 404


def test_a_taken_port_is_a_sentence(settings: Settings, exposition: Exposition, port: MetricsPort) -> None:
    with pytest.raises(PortTaken, match="SAYSO_METRICS_PORT"):
        MetricsPort(settings.model_copy(update={"metrics_port": port.port}), exposition).start()


def unmeasured(rules: str, told: set[str]) -> set[str]:
    """The metrics that rules ask for and nobody tells."""
    families = {name.removesuffix(end) for name in told for end in ("_bucket", "_count", "_sum")}
    return set(NAMED.findall(rules)) - told - families


def test_every_alarm_asks_for_what_is_measured(desk: Desk, bench: Bench, exposition: Exposition) -> None:
    desk.approved()
    bench.drain()
    told = {name for name, _ in figures(exposition)}
    assert unmeasured(ALERTS, told) == set()
    assert unmeasured("sayso_quue_depth > 1", told) == {"sayso_quue_depth"}


def test_an_alarm_rings_when_nobody_tells_anything() -> None:
    """A rule over figures that are gone judges nothing: one must miss what every scrape tells."""
    assert re.search(r"expr: absent\(sayso_database_up\)$", ALERTS, re.MULTILINE)


def test_every_alarm_says_what_to_do() -> None:
    rules = ALERTS.split("- alert:")[1:]
    assert len(rules) >= 8
    for rule in rules:
        assert "expr:" in rule
        assert "for:" in rule
        assert "severity:" in rule
        assert len(rule.partition("description:")[2].strip()) > 40
