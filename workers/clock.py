"""What happens by itself: each second the clock finds due work whose ring was lost, ends leases, and lets time run out.

Every job is conditional on what it finds, so any number of clocks may run at once.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from functools import partial

from approvals import batches, digests
from approvals.budgets import give_back
from approvals.digests import NothingToSay
from approvals.endings import stop_letters
from approvals.expiry import expire
from crm.access import addresses
from crm.invoices import closing, overdue
from crm.plans import subscriptions
from crm.reminders import asking
from kernel.db import Database
from kernel.keys import show
from kernel.settings import Settings
from outbox import wake
from outbox.chain import new_heads, seal
from outbox.parking import free, park_stopped, park_waiting
from outbox.quiet import AT_ONCE as MOST_PUT_OFF
from outbox.quiet import put_off
from outbox.retirement import AT_ONCE, shelve, wipe
from outbox.store import due, sweep
from workers.jobs import JOBS, Means, each, every, every_asking, every_letter
from workers.rounds import Rounds

log = logging.getLogger("sayso.clock")


@every(1)
def ring_again(database: Database) -> None:
    """Ring for every lane with due work: a lost ticket costs at most a second."""
    with database.line() as line:
        lanes, inbox = due(line)
    wake.ring([*lanes, *([wake.INBOX] if inbox else [])])


@every(1)
def park_rows(database: Database) -> None:
    """Keep what may not leave yet out of the claim's way, and put back what may soon."""
    with database.line() as line:
        while park_waiting(line) >= AT_ONCE:
            pass
        while free(line, lately=True) == AT_ONCE:
            pass


@every(1)
def let_sleep(database: Database) -> None:
    """What comes due in quiet hours, however it was delayed till then, waits until they are over."""
    with database.line() as line:
        while put_off(line) == MOST_PUT_OFF:
            pass


@every(5)
def park_what_is_stopped(database: Database) -> None:
    """The same for what a person stopped."""
    with database.line() as line:
        while park_stopped(line) == AT_ONCE:
            pass


@every(60)
def free_forgotten(database: Database) -> None:
    """Put back what a stop held whose end nobody here saw."""
    with database.line() as line:
        while free(line, lately=False) == AT_ONCE:
            pass


@every(1)
def end_leases(database: Database) -> None:
    """Put calls in doubt whose worker did not report back; expire what outlived its use."""
    with database.line() as line:
        sweep(line)


@every(1)
def expire_approvals(database: Database) -> None:
    """What nobody decided in time is never sent."""
    with database.transaction() as session:
        expire(session)


@every_letter(3)
def post_digests(database: Database, settings: Settings) -> None:
    """Write to whoever waits untold or is to be reminded; each letter is a transaction of its own, so none takes another down."""
    with database.line() as line:
        people = digests.due(line, settings)
    for one in people:
        try:
            with suppress(NothingToSay), database.transaction() as session:
                digests.write(session, settings, one)
        except Exception as bug:  # noqa: BLE001 - one letter that cannot be written keeps nobody else's; its words may quote a customer
            log.warning("no letter could be written to %s (%s)", show("per", one.person_id), type(bug).__name__)


@every_asking(1)
def ask_for_reminders(means: Means) -> None:
    """Ask for the reminders whose moment has come; each in a transaction of its own."""
    with means.database.line() as line:
        due = asking.due(line)
    each("ask for a reminder", ((show("rem", one.id), one) for one in due), lambda one: asking.ask(means.gate, means.settings, one))


@every_asking(300)
def ask_for_overdue(means: Means) -> None:
    """Draft a reminder of each invoice that came to a stage of being overdue; each in a transaction of its own."""
    with means.database.line() as line:
        late = overdue.late(line)
    each("ask for an overdue bill", ((show("inv", one.id), one) for one in late), lambda one: overdue.ask(means.gate, means.settings, one))


@every_asking(5)
def close_pages(means: Means) -> None:
    """Have each payment page closed on which nothing is to be paid any more."""
    with means.database.line() as line:
        spent = closing.spent(line, means.settings)
    each("close a page", ((show("int", one.id), one) for one in spent), lambda one: closing.close(means.gate, means.settings, one))


@every_asking(1)
def carry_out_batches(means: Means) -> None:
    """Do what a person asked of many sends, one by one, each in a transaction of its own."""
    with means.database.line() as line:
        open_ones = batches.due(line)
    each("carry out a batch", ((show("int", one.intent_id), one) for one in open_ones), lambda one: batches.carry_out(means.gate, one))


@every(30)
def apply_addresses(database: Database) -> None:
    """A new address is in force a day after it was proved."""
    with database.transaction() as session:
        addresses.apply(session)


@every(300)
def end_grace(database: Database) -> None:
    """A plan that was not paid for too long ends."""
    with database.transaction() as session:
        for workspace in subscriptions.out_of_grace(session):
            subscriptions.settle(session, workspace)


@every(5)
def stop_moot_letters(database: Database) -> None:
    """What waits to leave and tells of nothing any more does not."""
    with database.transaction() as session:
        stop_letters(session)


@every(1)
def seal_audit(database: Database) -> None:
    """Chain what was written into the audit since."""
    with database.line() as line:
        seal(line)


@every(60)
def log_heads(database: Database) -> None:
    """Say where each chain that grew ends: a log that is kept elsewhere proves later that the past was not written anew."""
    with database.line() as line:
        for head in new_heads(line, seconds=90):
            log.info("audit head %s", head)


@every(5)
def wipe_secrets(database: Database) -> None:
    """Wipe links and codes that were sent or will never be."""
    with database.line() as line:
        wipe(line)


@every(10)
def give_budgets_back(database: Database) -> None:
    """Give back what was taken of a day's budget by what will never be sent."""
    with database.line() as line:
        give_back(line)


@every(10)
def shelve_settled(database: Database) -> None:
    """Keep the hot table hot: what is settled for a while leaves it."""
    with database.line() as line:
        while shelve(line) == AT_ONCE:
            pass


class Clock:
    """Runs each job in rounds of its own until stopped."""

    def __init__(self, means: Means) -> None:
        """Nothing runs before `start`."""
        self._rounds = [Rounds(job.name, job.seconds, partial(job.run, means)) for job in JOBS]

    def start(self) -> None:
        """Begin."""
        for rounds in self._rounds:
            rounds.start()

    def stop(self) -> None:
        """End after the jobs that run now."""
        for rounds in self._rounds:
            rounds.stop()
