"""Rulings: the strictest counts, no policy ever asks for less, a sole owner decides alone, and every policy has a truth table."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals.facts import Facts
from approvals.rulings import PolicyRefused, Ruling, judge, policies, read, settings_of
from approvals.verdicts import NOTHING, Verdict, strictest
from tests.approvals.policies.sample import MAKER, ONE, like

MIA, NOAH = UUID(int=1), UUID(int=2)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis wants them naive
verdicts = st.builds(
    Verdict,
    is_refused=st.booleans(),
    people=st.sampled_from([1, 2]),
    not_alone=st.sampled_from([None, MIA, NOAH]),
    in_person=st.booleans(),
    not_before=st.none() | moments,
)
facts = st.builds(
    Facts,
    action=st.sampled_from(["send_sms", "send_email"]),
    recipients=st.integers(1, 100),
    countries=st.lists(st.sampled_from(["GB", "FR", ""]), unique=True).map(tuple),
    number_kinds=st.lists(st.sampled_from(["mobile", "premium", "unknown"]), unique=True).map(tuple),
    parts=st.dictionaries(st.sampled_from(["sms GB", "sms FR", "whatsapp GB", "email "]), st.integers(1, 50)),
    first_time=st.integers(0, 100),
    leaves_at=moments,
    zones=st.just(("Europe/Paris",)),
    home=st.sampled_from([None, "GB"]),
    maker=st.sampled_from([None, MAKER]),
    deciders=st.integers(0, 3),
)
SET = {
    "audience": [{}, {"per_request": 20}, {"per_day": 30}],
    "countries": [{}, {"anywhere": True}, {"others": ("FR",)}],
    "escalation": [{}, {"after_minutes": 30}],
    "first_time": [{}, {"in_person": False}, {"two_people": True}],
    "quiet_hours": [{}, {"begins": "21:00", "ends": "08:00"}],
    "spend": [{}, {"per_day": 100, "sms_home": 4000}],
    "standing": [{}, {"allowed": False}],
    "two_people": [{}, {"above": 5}, {"actions": ("send_sms",)}, {"four_eyes": ("send_sms",)}],
}
settings = st.fixed_dictionaries({name: st.sampled_from(choices) for name, choices in SET.items()})


def is_as_strict(one: Verdict, other: Verdict) -> bool:
    """Whether the first asks for everything that the second asks for."""
    return (
        one.is_refused >= other.is_refused
        and one.people >= other.people
        and (other.not_alone is None or one.not_alone == other.not_alone or one.people > 1)
        and one.in_person >= other.in_person
        and (other.not_before is None or (one.not_before is not None and one.not_before >= other.not_before))
    )


@given(st.lists(verdicts), verdicts)
def test_one_more_verdict_never_asks_for_less(said: list[Verdict], more: Verdict) -> None:
    assert is_as_strict(strictest([*said, more]), strictest(said))
    assert is_as_strict(strictest([*said, more]), more)
    assert strictest([*said, NOTHING]) == strictest(said)


@given(facts, settings)
def test_no_policy_under_any_settings_widens_what_the_others_said(asked: Facts, chosen: dict[str, dict[str, object]]) -> None:
    ruling = judge(asked, settings_of(chosen))
    for label in ruling.verdicts:
        fewer = Ruling(asked, {name: verdict for name, verdict in ruling.verdicts.items() if name != label})
        assert is_as_strict(ruling.whole, fewer.whole), label
        assert set(fewer.draws) <= set(ruling.draws)
    assert ruling.needs >= 1
    assert read(asked, ruling.written()) == ruling


def test_the_check_catches_a_verdict_that_widens() -> None:
    """The negative control of the two above."""
    assert not is_as_strict(Verdict(), Verdict(people=2))
    assert not is_as_strict(Verdict(not_alone=MIA), Verdict(not_alone=NOAH))
    assert not is_as_strict(Verdict(not_before=ONE.leaves_at), Verdict(not_before=ONE.leaves_at.replace(year=2030)))


@pytest.mark.parametrize(
    ("chosen", "deciders", "needs", "not_alone", "sole"),
    [
        ({}, 1, 1, None, False),
        ({"actions": ("send_sms",)}, 0, 2, None, False),
        ({"actions": ("send_sms",)}, 1, 1, None, True),
        ({"actions": ("send_sms",)}, 2, 2, None, False),
        ({"four_eyes": ("send_sms",)}, 1, 1, None, True),
        ({"four_eyes": ("send_sms",)}, 2, 1, MAKER, False),
    ],
)
def test_a_sole_owner_is_never_asked_for_a_second(chosen: dict[str, object], deciders: int, needs: int, not_alone: UUID | None, sole: bool) -> None:
    ruling = judge(like(deciders=deciders), settings_of({"two_people": chosen}))
    assert (ruling.needs, ruling.not_alone, ruling.is_sole_owner) == (needs, not_alone, sole)


def test_a_refusal_names_every_policy_and_says_what_to_do() -> None:
    ruling = judge(like(recipients=9, parts={}, number_kinds=("premium",)), settings_of({"audience": {"per_request": 5}}))
    with pytest.raises(PolicyRefused) as refused:
        ruling.check()
    body = refused.value.body()
    assert (body["code"], body["details"]["policies"]) == ("policy_refused", ["audience@1", "countries@1"])
    assert body["nextStep"] == "Ask for fewer recipients, or ask an owner to raise the limit."


def test_every_policy_has_a_truth_table_and_says_itself_in_plain_words() -> None:
    for name, policy in policies().items():
        table = Path(__file__).parent / f"test_{name}.py"
        assert f"def test_the_truth_table_of_{name}(" in table.read_text(), f"{name} has no truth table"
        assert SET[name][0] == {}
        for chosen in SET[name]:
            assert policy.say(policy.settings.model_validate(chosen)).endswith(".")
        assert {field.json_schema_extra["widget"] for field in policy.settings.model_fields.values() if isinstance(field.json_schema_extra, dict)}
