"""The servers end with their owner, not before, and lose nothing."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

from embedded.servers import Servers
from tests.embedded.belongings import KEPT, both_answer, find_belongings, leave_belongings
from tests.embedded.owners import Owner, is_gone, programs_below, wait_until

StartOwner = Callable[..., Owner]


def test_servers_answer_when_the_process_group_is_interrupted(made_home: Path, start_owner: StartOwner) -> None:
    owner = start_owner(made_home)
    urls = owner.hear()["urls"]
    os.killpg(owner.process.pid, signal.SIGINT)
    assert owner.hear() == {"interrupted": True}
    assert both_answer(*urls)
    family = owner.family()
    assert owner.ask("stop") == {"stopped": True}
    assert all(is_gone(process) for process in family)


def test_servers_end_when_their_owner_is_killed(made_home: Path, start_owner: StartOwner) -> None:
    owner = start_owner(made_home)
    owner.hear()
    family = owner.family()
    assert {"postgres", "valkey-server"} <= programs_below(owner.process.pid).keys()
    owner.kill()
    wait_until(lambda: all(is_gone(process) for process in family), "every server process is gone")


def test_start_waits_for_the_servers_of_a_killed_owner(made_home: Path, start_owner: StartOwner) -> None:
    owner = start_owner(made_home)
    leave_belongings(*owner.hear()["urls"])
    owner.kill()
    with Servers(made_home) as servers:
        assert find_belongings(servers.database_url, servers.redis_url) == KEPT


def test_data_is_recovered_when_everything_is_killed(made_home: Path, start_owner: StartOwner) -> None:
    owner = start_owner(made_home)
    leave_belongings(*owner.hear()["urls"])
    family = owner.family()
    # The owner stands still meanwhile, so that nobody gets to stop anything in order.
    owner.process.send_signal(signal.SIGSTOP)
    for process in family:
        process.kill()
    owner.kill()
    wait_until(lambda: all(is_gone(process) for process in family), "every server process is gone")
    with Servers(made_home) as servers:
        assert find_belongings(servers.database_url, servers.redis_url) == KEPT
    assert "automatic recovery in progress" in (made_home / "postgres.log").read_text()


def test_nothing_half_made_is_left_when_the_first_start_is_killed(home: Path, start_owner: StartOwner) -> None:
    owner = start_owner(home)
    half_made = home / "pg.new" / "PG_VERSION"
    wait_until(half_made.exists, "initdb has begun")
    owner.kill()
    assert not (home / "pg").exists()
    with Servers(home) as servers:
        assert both_answer(servers.database_url, servers.redis_url)
    assert not half_made.parent.exists()


def test_servers_stay_when_a_fork_of_the_owner_stops_them(made_home: Path, start_owner: StartOwner) -> None:
    owner = start_owner(made_home)
    urls = owner.hear()["urls"]
    assert owner.ask("fork") == {"status": 0}
    assert both_answer(*urls)
