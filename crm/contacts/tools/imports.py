"""The tool that takes a list of customers."""

from __future__ import annotations

from pydantic import Field

from crm.contacts.imports import carry_out, plan
from kernel.call import Call
from kernel.operation import Answer, AskedOnce, Effect, operation

LONGEST = 200_000
MOST_SHOWN = 50
COLUMNS = "CSV with headers: name, email, phone, first_name, last_name, notes, tags, consent_email, consent_sms, consent_whatsapp (yes/no), consent_evidence."


class ImportAccounts(AskedOnce):
    """A list of customers."""

    csv: str = Field(min_length=1, max_length=LONGEST, description=COLUMNS)
    dry_run: bool = Field(default=False, description="true: only tell what it would do.")


class FaultShown(Answer):
    """A line that was left out."""

    line: int = Field(description="Its number in the text.")
    says: str = Field(description="What is wrong with it.")


class Imported(Answer):
    """What a list did, or would do."""

    is_dry_run: bool = Field(description="true: nothing was written.")
    created: int = Field(description="New customers.")
    known: int = Field(description="Customers who were known; what was missing is filled in.")
    consents: int = Field(description="Words about consent that were kept.")
    still_opted_out: int = Field(description="A yes that was not kept, because they opted out: no list lifts that.")
    refused: int = Field(description="Lines left out.")
    faults: list[FaultShown] = Field(description="The first of them.")
    ignored_columns: list[str] = Field(description="Columns that mean nothing here.")
    next_step: str


@operation("contacts", Effect.WRITE, example={"csv": "name,email,tags\nMia Park,mia@example.com,vip", "dryRun": True})
def import_accounts(call: Call, asked: ImportAccounts) -> Imported:
    """Take customers from CSV: new ones are made, known ones filled in, wrong lines left out and named. Longer lists: the portal."""
    planned = plan(call, asked.csv)
    done = None if asked.dry_run else carry_out(call, planned)
    return Imported(
        is_dry_run=asked.dry_run,
        created=planned.new,
        known=len(planned.known),
        consents=done.consents if done else 0,
        still_opted_out=done.still_opted_out if done else 0,
        refused=len(planned.faults),
        faults=[FaultShown(line=fault.line, says=fault.says) for fault in planned.faults[:MOST_SHOWN]],
        ignored_columns=list(planned.sheet.ignored),
        next_step="Correct the lines named in faults and import those." if planned.faults else "Nothing is missing.",
    )
