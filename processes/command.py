"""The `sayso` command: the process verbs of the Procfile, the verbs of the host's shell, and the client's verbs."""

from __future__ import annotations

import sys
from enum import StrEnum
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated

import psycopg
import typer
from sqlalchemy.exc import SQLAlchemyError

from kernel.discover import load
from kernel.errors import SaysoError
from kernel.settings import SettingsRefused, command, version
from surfaces import verb
from surfaces.cli import app, examine_host_with

verb.declare(app)
examine_host_with(lambda: load("processes.examination").checks())
audit = typer.Typer(help="On the host: the chain over the audit, which shows what was changed afterwards.", no_args_is_help=True)
app.add_typer(audit, name="audit")
events = typer.Typer(help="On the host: what providers told us, and having it worked off once more.", no_args_is_help=True)
app.add_typer(events, name="events")
Since = Annotated[str | None, typer.Option(help="From this day or moment on: 2026-05-20, 2026-05-20T10:00+02:00.")]
Until = Annotated[str | None, typer.Option(help="Before this day or moment.")]
Type = Annotated[str | None, typer.Option("--type", help="Such as charge.refunded.")]


class Fate(StrEnum):
    """What became of an event."""

    NEW = "new"
    HINT = "hint"
    DONE = "done"
    IGNORED = "ignored"
    DEAD = "dead"


State = Annotated[Fate | None, typer.Option("--state", help="What became of them.")]


@app.command()
def up() -> None:
    """Everything in one process, on its own PostgreSQL and Valkey, until Ctrl-C."""
    load("processes.up").main()


@app.command()
def demo() -> None:
    """Play the story of a first say-so on a throw-away system, in half a minute."""
    load("processes.demo").main()


@app.command()
def web() -> None:
    """Serve MCP, REST, portal, approval pages and webhooks."""
    load("processes.web").main()


@app.command()
def worker() -> None:
    """Send what was approved and work off what providers tell us."""
    load("processes.worker").main()


@app.command()
def clock() -> None:
    """Ring for due work, end leases, let approvals expire."""
    load("processes.clock").main()


@app.command()
def migrate(*, contract: Annotated[bool, typer.Option("--contract", help="Also take away what only the version before used.")] = False) -> None:
    """Bring the database to this version, at each release, while the version before goes on."""
    load("processes.migrate").main(contract=contract)


@app.command()
def workspace(
    name: str,
    owner_email: str,
    zone: Annotated[str, typer.Option(help="Time zone, such as Europe/Paris.")] = "UTC",
    country: Annotated[str | None, typer.Option(help="Two letters, such as FR: its currency, and which numbers are abroad.")] = None,
) -> None:
    """Found a workspace; prints its first agent's key once."""
    typer.echo(load("processes.host").found_workspace(name, owner_email, zone, country).secret)
    way_in = f"Way into the portal: {command()} login-link {owner_email}"
    typer.echo(f"That is the key of its first agent, shown once: keep it as SAYSO_API_KEY. {way_in}", err=True)


@app.command()
def key(owner_email: str, name: Annotated[str, typer.Option(help="What the ledger calls this agent.")] = "agent") -> None:
    """Make another agent key for this person's workspace; printed once."""
    typer.echo(load("processes.host").new_key(owner_email, name).secret)


@app.command()
def login_link(email: str) -> None:
    """Make a one-time link into the portal."""
    for link in load("processes.host").login_links(email):
        typer.echo(link)


@app.command()
def open_lanes() -> None:
    """Open the lanes that were paused because the database had been restored, once somebody has looked."""
    for lane in load("processes.host").open_restored():
        typer.echo(f"{lane} is open again")


@app.command()
def forget(older_than_days: Annotated[int, typer.Option("--older-than-days", min=30, max=36_500, help="Days since a send ended.")]) -> None:
    """Delete old sends with all that belongs to them, and as old events; the audit stays."""
    typer.echo(f"{load('processes.host').forget_old(older_than_days)} sends forgotten")


@app.command()
def backup(file: Path) -> None:
    """Write the whole database into one file, while everything runs; the secret key is not in it."""
    typer.echo(load("processes.backup").back_up(file))


@app.command()
def restore(file: Path) -> None:
    """Fill an empty database from a backup; every lane is paused until `sayso open-lanes`."""
    suspects = load("processes.backup").restore(file)
    for intent in suspects:
        typer.echo(f"{intent} waits to be sent; it may have left after the backup was made")
    typer.echo(f"Restored. Every lane is paused: {len(suspects)} sends may have left already. Settle them, then: sayso open-lanes", err=True)


@app.command()
def mailbox() -> None:
    """Show what the sandbox kept instead of sending, oldest first."""
    for message in load("processes.host").mailbox():
        typer.echo(load("processes.letters").shown(message))


@app.command()
def seed(
    owner_email: str,
    number: Annotated[int, typer.Option("--seed", help="Another number, another month.")] = 1,
    *,
    force: Annotated[bool, typer.Option("--force", help="Though the workspace has customers.")] = False,
) -> None:
    """Fill this person's workspace with a believable month of a salon; nobody in it can be reached."""
    made = load("processes.host").fill_workspace(owner_email, number, force=force)
    typer.echo(", ".join(f"{many} {what.replace('_', '-')}" for what, many in sorted(made.items())))


@app.command()
def issues() -> None:
    """Show what agents reported of this server, newest first."""
    for line in load("processes.host").issues():
        typer.echo(line)


@audit.command()
def verify(head: Annotated[list[str] | None, typer.Option(help="A head that the clock logged: org_…:120:9f2c…; once for each workspace.")] = None) -> None:
    """Follow every chain to its end or its first fault; exits with 1 when one is broken."""
    checks = load("processes.audit")
    found = checks.verdicts(head or [])
    for workspace, verdict in found:
        typer.echo(checks.told(workspace, verdict))
    if any(verdict.fault for _, verdict in found):
        raise typer.Exit(1)


@audit.command()
def export() -> None:
    """Print every chain as JSON Lines: position, hash, and the row as it reads today."""
    for line in load("processes.audit").exported():
        typer.echo(line)


@app.command()
def reconcile(since: Since = None, until: Until = None) -> None:
    """Compare the books with the payment provider's own, the last 30 days; exits with 1 when something differs."""
    books = load("processes.books")
    found = books.compare(since, until)
    for line in (line for one in found for line in books.told(one)):
        typer.echo(line)
    if any(one.many for one in found):
        raise typer.Exit(1)


@events.command(name="list")
def list_events(
    since: Since = None, until: Until = None, of_type: Type = None, state: State = None, most: Annotated[int, typer.Option("--limit", min=1)] = 50
) -> None:
    """Show them, newest first, with what became of each and why."""
    kept = load("processes.events")
    for line in kept.listed(kept.wanted(since, until, of_type, state), most):
        typer.echo(line)


@events.command(name="replay")
def replay_events(
    keys: Annotated[list[str] | None, typer.Argument(help="Theirs, evt_…; or choose by the options.")] = None,
    since: Since = None,
    until: Until = None,
    of_type: Type = None,
    state: State = None,
) -> None:
    """Have them worked off once more; one that was applied changes nothing."""
    kept = load("processes.events")
    typer.echo(f"{kept.replay(kept.wanted(since, until, of_type, state), keys or [])} events are worked off again")


def main() -> None:
    """Run the command; a refusal is a sentence and a next step, never a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without Unicode still gets the words
    if sys.argv[1:] == ["--version"]:
        typer.echo(f"sayso {version()}")
        return
    try:
        app()
    except SaysoError as refused:
        typer.echo(f"sayso: {refused.sentence} {refused.advice}", err=True)
        sys.exit(1)
    except (SettingsRefused, RuntimeError, ValueError, OSError) as refused:
        typer.echo(f"sayso: {refused}", err=True)
        sys.exit(1)
    except (SQLAlchemyError, psycopg.Error) as refused:
        typer.echo(f"sayso: the database refused ({type(refused).__name__}). Check SAYSO_DATABASE_URL (postgresql+psycopg://…) and that it runs.", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
