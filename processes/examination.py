"""What `sayso doctor --server` looks at on the host: each check says whether it is well, in words without a secret, and what to do if not."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

import redis
import urllib3
from cryptography.hazmat.primitives.serialization import load_der_public_key
from sqlalchemy import text

from kernel.clock import now
from kernel.db import Database
from kernel.log import redact
from kernel.roles import KNOWS_LONGEST, Role, role_name
from kernel.settings import LOOPBACK, Settings, SettingsRefused
from outbox.readings import Readings, account_name, read
from processes.migrate import is_current
from processes.premises import attached, connect_providers, open_database, prepare
from providers.proof import listed
from surfaces.doctor import ill, well

Finding = dict[str, Any]
MOST_SKEW = 2.0
OLD_SECONDS = 300.0
PATIENCE = 5.0
UNBOUNDED = ", which cannot end what a frozen worker began: its lane waits until it wakes (17 and later can)"
SAFE_ROLE = """
SELECT r.rolname FROM pg_roles r WHERE r.rolname = ANY(:names) AND NOT r.rolsuper AND NOT r.rolbypassrls AND NOT r.rolcreaterole
AND NOT EXISTS (SELECT FROM pg_class c WHERE c.relowner = r.oid)
"""
SHUT_OUT = "SELECT 1 FROM pg_roles WHERE rolname = ANY(:names) AND NOT rolcanlogin"
RESTORE_AGAIN = "A restore broke off, and no older history may send meanwhile: empty the database, then run `sayso restore FILE` again."
FORBIDDEN = """
SELECT n.name || ' on ' || t.name FROM unnest(CAST(:names AS text[])) n (name), unnest(ARRAY['intent', 'attempt', 'grants', 'audit', 'vote']) t (name)
WHERE has_table_privilege(n.name, t.name, 'UPDATE') OR has_table_privilege(n.name, t.name, 'DELETE')
"""
UNWALLED = """
SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'workspace_id'
WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND NOT c.relrowsecurity
"""
OWN_FAULTS = "SELECT channel || ':' || provider, count(*) FROM channel_account WHERE ended_at IS NULL AND fault IS NOT NULL GROUP BY 1 ORDER BY 1"


@dataclass(frozen=True)
class Patient:
    """What is examined: the settings, and the database as its owner sees it."""

    settings: Settings
    database: Database

    @cached_property
    def readings(self) -> Readings:
        """The readings, taken once for every check."""
        with self.database.line(PATIENCE) as line:
            return read(line)


def checks() -> Iterator[Finding]:
    """Each check as it is made; those that need the database only while it answers."""
    try:
        settings = attached()
    except SettingsRefused as refused:
        yield ill("settings", redact(str(refused)), "Set the variables that are named; docs/configuration.md explains each.")
        return
    except OSError as refused:
        yield ill("settings", f"the data directory cannot be used ({refused.strerror})", "Let SAYSO_DATA_DIR name the folder of the installation.")
        return
    prepare()
    yield well("settings", f"{settings.env}, {', '.join(f'{medium} by {name}' for medium, name in settings.chosen.items())}")
    yield from examined(settings)


def examined(settings: Settings) -> Iterator[Finding]:
    """The checks of a system with these settings."""
    patient = Patient(settings, open_database(settings, Role.OWNER, size=1))
    try:
        yield (reached := _told("database", patient, _database))
        if reached["ok"]:
            yield from (_told(name, patient, check) for name, check in IN_DATABASE.items())
    finally:
        patient.database.close()
    yield from (_told(name, patient, check) for name, check in BESIDE.items())
    yield from _providers(settings)
    yield from _webhooks(settings)


def _told(name: str, patient: Patient, check: Callable[[Patient], Finding]) -> Finding:
    """A check that stumbles is a finding; its own words might hold an address with a password."""
    try:
        return check(patient)
    except Exception as fault:  # noqa: BLE001 - whatever it is, it is told and the next check is made
        return ill(name, f"does not answer as it should ({type(fault).__name__})", NEXT[name])


def _database(patient: Patient) -> Finding:
    with patient.database.transaction() as session:
        version, bounded = session.scalar(text("SHOW server_version")), session.scalar(text(KNOWS_LONGEST))
    return well("database", f"PostgreSQL {version}{'' if bounded else UNBOUNDED}")


def _migrations(patient: Patient) -> Finding:
    return (
        well("migrations", "at the newest revision")
        if is_current(patient.database)
        else ill("migrations", "not at this version's revision", NEXT["migrations"])
    )


def _roles(patient: Patient) -> Finding:
    names = [role_name(patient.settings.database_url, role) for role in (Role.WEB, Role.WORKER)]
    for role in (Role.WEB, Role.WORKER):
        trial = open_database(patient.settings, role, size=1)
        try:
            if not trial.reachable():
                return ill("roles", f"{role_name(patient.settings.database_url, role)} cannot log in", _way_in(patient, names))
        finally:
            trial.close()
    with patient.database.transaction() as session:
        safe = set(session.scalars(text(SAFE_ROLE), {"names": names}))
        faults = [f"{name} owns tables or may too much" for name in names if name not in safe]
        faults += [f"{held} may be changed" for held in session.scalars(text(FORBIDDEN), {"names": names})]
        faults += [f"{table} has no wall between businesses" for table in session.scalars(text(UNWALLED))]
    return ill("roles", "; ".join(faults), NEXT["roles"]) if faults else well("roles", f"{' and '.join(names)} own nothing and are walled")


def _way_in(patient: Patient, names: list[str]) -> str:
    with patient.database.transaction() as session:
        return RESTORE_AGAIN if session.scalar(text(SHUT_OUT), {"names": names}) else NEXT["roles"]


def _clock(patient: Patient) -> Finding:
    with patient.database.transaction() as session:
        theirs = session.scalar(text("SELECT clock_timestamp()"))
    ours = abs((now() - theirs).total_seconds()) if theirs else 0.0
    worst = max([ours, *(kind.skew_seconds for kind in patient.readings.at_work)])
    words = f"this host is {ours:.1f} s off the database's clock, the worst process {worst:.1f} s"
    return well("clock", words) if worst <= MOST_SKEW else ill("clock", words, NEXT["clock"])


def _processes(patient: Patient) -> Finding:
    at_work = {kind.process: kind.many for kind in patient.readings.at_work}
    words = ", ".join(f"{many} {process}" for process, many in at_work.items())
    missing = [process for process, many in at_work.items() if not many]
    return ill("processes", words, f"Start what is missing: {', '.join(f'sayso {process}' for process in missing)}.") if missing else well("processes", words)


def _lanes(patient: Patient) -> Finding:
    lanes = patient.readings.lanes
    held = [
        f"{account_name(lane.lane)} {state}"
        for lane in lanes
        for state, is_so in (("paused", lane.paused), ("refused or unanswered", lane.breaker_open))
        if is_so
    ]
    with patient.database.transaction() as session:
        held += [f"{many} own accounts at {name} refused" for name, many in session.execute(text(OWN_FAULTS))]
    return ill("channels", "; ".join(held), NEXT["channels"]) if held else well("channels", f"{len(lanes)} lanes open")


def _queue(patient: Patient) -> Finding:
    readings = patient.readings
    many = {state: sum(depth.many for depth in readings.depths if depth.state == state) for state in ("ready", "in_doubt", "failed")}
    oldest = max([depth.oldest_seconds or 0.0 for depth in readings.depths if depth.state == "ready"], default=0.0)
    lag = readings.inbox.lag_seconds
    words = f"{many['ready']} wait (oldest {oldest:.0f} s), {many['in_doubt']} in doubt, {many['failed']} dead letters, inbox {lag:.0f} s behind"
    return ill("queue", words, NEXT["queue"]) if max(oldest, lag) > OLD_SECONDS else well("queue", words)


def _redis(patient: Patient) -> Finding:
    with redis.Redis.from_url(patient.settings.redis_url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE) as client:
        client.ping()
    return well("redis", "answers")


def _address(patient: Patient) -> Finding:
    base, url = patient.settings.base_url, urlsplit(patient.settings.base_url)
    leaves = set(patient.settings.chosen.values()) - {"sandbox"}
    if leaves and (url.scheme != "https" or url.hostname in LOOPBACK):
        return ill("address", f"{base} cannot be reached by {', '.join(sorted(leaves))}", "Set SAYSO_BASE_URL to the public https address.")
    with urllib3.PoolManager(timeout=PATIENCE, retries=False) as pool:
        status = pool.request("GET", f"{base}/healthz", redirect=False).status
    return well("address", f"{base} answers") if status == OK else ill("address", f"{base} answers {status}", NEXT["address"])


def _providers(settings: Settings) -> Iterator[Finding]:
    for name, provider in connect_providers(settings).items():
        try:
            fault = provider.probe()
        except Exception as bug:  # noqa: BLE001 - its words may hold what it was configured with
            fault = f"It could not be asked ({type(bug).__name__})."
        finally:
            provider.close()
        words = redact(fault) if fault else "keeps everything on this machine" if name == "sandbox" else "lets us in"
        yield ill(name, words, f"Check the variables of {name} in docs/configuration.md, and the account at the provider.") if fault else well(name, words)


def _webhooks(settings: Settings) -> Iterator[Finding]:
    chosen = set(settings.chosen.values())
    if "sendgrid" in chosen:
        yield _secret("sendgrid webhook", "SENDGRID_WEBHOOK_PUBLIC_KEY", is_set=any(map(_is_key, listed(settings.sendgrid_webhook_public_key))))
    if "stripe" in chosen:
        yield _secret("stripe webhook", "STRIPE_WEBHOOK_SECRET", is_set=bool(settings.stripe_webhook_secret.get_secret_value()))


def _is_key(words: str) -> bool:
    try:
        load_der_public_key(b64decode(words, validate=True))
    except ValueError:
        return False
    return True


def _secret(check: str, variable: str, *, is_set: bool) -> Finding:
    return (
        well(check, "can be verified")
        if is_set
        else ill(check, f"{variable} is empty or unreadable: its events are refused", f"Copy it from the provider into {variable}.")
    )


OK = 200
IN_DATABASE: dict[str, Callable[[Patient], Finding]] = {
    "migrations": _migrations,
    "roles": _roles,
    "clock": _clock,
    "processes": _processes,
    "channels": _lanes,
    "queue": _queue,
}
BESIDE: dict[str, Callable[[Patient], Finding]] = {"redis": _redis, "address": _address}
NEXT = {
    "database": "Check SAYSO_DATABASE_URL (postgresql+psycopg://…), and that PostgreSQL runs and lets this host in.",
    "migrations": "Run: sayso migrate.",
    "roles": "Run: sayso migrate; it makes the roles anew and gives them the passwords of the current SAYSO_SECRET_KEY.",
    "clock": "Set the time of this host, and of those that run workers, by NTP.",
    "processes": "Start what is missing: sayso web, sayso worker, sayso clock.",
    "channels": "“Settings > Sending” in the portal (/portal/lanes) says why; mend the account at the provider, or resume what was paused.",
    "queue": "Look at the processes and channels above, then at the log of the workers.",
    "redis": "Check SAYSO_REDIS_URL and that it runs. Nothing is lost meanwhile: workers look into the database once a second.",
    "address": "Check SAYSO_BASE_URL, and that the proxy in front leads to the web process.",
}
