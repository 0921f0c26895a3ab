"""Two people: the truth table of what one person may not approve alone."""

from __future__ import annotations

from uuid import UUID

import pytest

from approvals.policies.two_people import IN_WORDS, Settings, judge, say
from approvals.tools import gated
from approvals.verdicts import NOTHING
from processes.premises import prepare
from tests.approvals.policies.sample import MAKER, like


@pytest.mark.parametrize(
    ("settings", "recipients", "maker", "people", "not_alone"),
    [
        ({}, 1000, MAKER, 1, None),
        ({"above": 10}, 10, None, 1, None),
        ({"above": 10}, 11, None, 2, None),
        ({"actions": ("send_sms",)}, 1, None, 2, None),
        ({"actions": ("send_email",)}, 1, None, 1, None),
        ({"four_eyes": ("send_sms",)}, 1, MAKER, 1, MAKER),
        ({"four_eyes": ("send_sms",)}, 1, None, 1, None),
        ({"four_eyes": ("send_email",)}, 1, MAKER, 1, None),
        ({"actions": ("send_message",)}, 1, None, 2, None),
        ({"actions": ("send_campaign",)}, 1, None, 1, None),
        ({"four_eyes": ("send_message",)}, 1, MAKER, 1, MAKER),
        ({"above": 10, "four_eyes": ("send_sms",)}, 11, MAKER, 2, None),
    ],
)
def test_the_truth_table_of_two_people(settings: dict[str, object], recipients: int, maker: UUID | None, people: int, not_alone: UUID | None) -> None:
    verdict = judge(like(recipients=recipients, maker=maker), Settings.model_validate(settings))
    assert (verdict.people, verdict.not_alone, verdict.is_refused) == (people, not_alone, False)
    assert verdict.in_person is (verdict != NOTHING)


@pytest.mark.parametrize("action", ["send_sms", "send_message", "send_test_campaign", "send_campaign", "confirm_booking"])
def test_no_other_operation_leads_round_it(action: str) -> None:
    facts = like(action=action, maker=MAKER)
    for said in ("send_sms", "send_message"):
        assert judge(facts, Settings(actions=(said,))).people == 2
        assert judge(facts, Settings(four_eyes=(said,))).not_alone == MAKER
    assert judge(facts, Settings(actions=("send_email",))).people == 1


def test_an_operation_is_called_by_what_it_sends() -> None:
    prepare()
    assert set(IN_WORDS) <= set(gated())
    assert say(Settings(actions=("refund_payment",))) == "Two people approve refunds."
    said = say(Settings(actions=("send_sms",), four_eyes=("send_email",)))
    assert said == "Two people approve SMS messages. Whoever made the agent's key does not approve alone: e-mails."


@pytest.mark.parametrize(("limit", "gives_back", "people"), [(None, 10**9, 1), (2000, 2000, 1), (2000, 2001, 2), (2000, None, 2), (0, 1, 2), (0, 0, 1)])
def test_money_above_the_limit_takes_two(limit: int | None, gives_back: int | None, people: int) -> None:
    assert judge(like(gives_back=gives_back), Settings(refunds_above=limit)).people == people


def test_messages_of_any_kind_are_no_refunds() -> None:
    money = like(action="refund_payment", channels=("payments",))
    assert judge(money, Settings(actions=("send_message",))).people == 1
    assert judge(money, Settings(actions=("refund_payment",))).people == 2
