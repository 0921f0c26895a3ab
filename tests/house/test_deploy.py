"""What is under deploy/ names variables, secrets and processes that exist: nothing else looks at these files before a release."""

from __future__ import annotations

import asyncio
import re
import tomllib
from ipaddress import ip_network
from typing import Any

import pytest
import yaml
from pydantic import AliasChoices
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from kernel.settings import Settings, load, secret_variables
from processes.examination import NEXT
from tests.house.test_configuration import OTEL, PAGE, told
from tests.house.tree import ROOT

DEPLOY = ROOT / "deploy"
WRITTEN = (DEPLOY / "compose.yml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(WRITTEN)
EVERYTHING: dict[str, Any] = yaml.safe_load(re.sub(r"# (?:smtp|stripe|rotation|metrics): ", "", WRITTEN))
"""The same with everything taken out of its comment."""
FLY: dict[str, Any] = tomllib.loads((DEPLOY / "fly.toml").read_text())
DOCKERFILE = (DEPLOY / "Dockerfile").read_text()
PROCFILE = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
OURS = {name: service for name, service in COMPOSE["services"].items() if service["image"] == "sayso"}
FULL = {f"{name}, full": service for name, service in EVERYTHING["services"].items() if service["image"] == "sayso"}
NOT_OURS = {"PATH", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE", "FORWARDED_ALLOW_IPS", *OTEL}
NOT_FOR_COMPOSE = {"SAYSO_ALLOW_OWN_SERVERS", "SAYSO_URL", "SAYSO_API_KEY", "SAYSO_CONFIG", "SAYSO_PG_BIN", "SAYSO_REDIS_BIN", "SAYSO_PYTHON"}
"""Read by `up`, by the client, by the private servers and by ./dev, none of which runs there."""
DEFAULT = re.compile(r"\$\{\w+:-([^}]*)\}")


def known() -> set[str]:
    """Every variable that the settings read."""
    aliases = [field.validation_alias for field in Settings.model_fields.values()]
    named = {str(alias.choices[0]) for alias in aliases if isinstance(alias, AliasChoices)}
    return named | {f"{name}_FILE" for name in secret_variables()}


def unknown(names: set[str]) -> set[str]:
    """Variables that nobody reads."""
    return names - known() - NOT_OURS


def in_the_image() -> set[str]:
    """The variables that the Dockerfile sets."""
    (line,) = re.findall(r"^ENV (.*)$", DOCKERFILE, re.MULTILINE)
    return set(re.findall(r"(\w+)=", line))


def test_every_variable_is_one_that_the_settings_read() -> None:
    named = {"Dockerfile": in_the_image(), "fly.toml": set(FLY["env"]), **{name: set(service["environment"]) for name, service in {**OURS, **FULL}.items()}}
    assert {where: wrong for where, names in named.items() if (wrong := unknown(names))} == {}


def test_unknown_catches_a_variable_that_nobody_reads() -> None:
    assert unknown({"SAYSO_SECRET_KEY_FILE", "PORT", "SAYSO_SECRET_FILE"}) == {"SAYSO_SECRET_FILE"}


def test_no_secret_stands_in_a_file_of_the_deployment() -> None:
    for service in OURS.values():
        assert not set(secret_variables()) - {"SAYSO_REDIS_URL"} & set(service["environment"])
    assert not set(secret_variables()) & set(FLY["env"])
    assert "deploy/secrets/" in (ROOT / ".gitignore").read_text().split()


def test_every_secret_that_is_named_is_given() -> None:
    for name, service in {**OURS, **FULL}.items():
        paths = {value for key, value in service["environment"].items() if key.endswith("_FILE")}
        assert paths == {f"/run/secrets/{secret}" for secret in service["secrets"]}, name
        assert set(service["secrets"]) <= set(EVERYTHING["secrets"])
    assert set().union(*(service["secrets"] for service in OURS.values())) <= set(COMPOSE["secrets"])


def test_every_secret_of_a_provider_has_its_place_in_the_compose_file() -> None:
    assert {f"{name}_FILE" for name in set(secret_variables()) - {"SAYSO_REDIS_URL"}} <= set(FULL["web, full"]["environment"])
    optional = {"SMTP_URL_FILE", "STRIPE_API_KEY_FILE", "SAYSO_SECRET_KEY_PREVIOUS_FILE", "SAYSO_METRICS_TOKEN_FILE"}
    assert not optional & set(OURS["web"]["environment"]), "a file that is not there stops compose"


def test_compose_runs_what_the_procfile_names_and_releases_first() -> None:
    assert set(OURS) == set(PROCFILE)
    for name, service in OURS.items():
        assert service["command"] == [PROCFILE[name].split()[-1]]
        assert service["read_only"] is True
        if name != "release":
            assert service["depends_on"]["release"] == {"condition": "service_completed_successfully"}
    assert COMPOSE["services"]["worker"]["deploy"]["replicas"] >= 2


def test_the_image_is_pinned_and_runs_as_nobody_special() -> None:
    assert "*@sha256:*) ;;" in DOCKERFILE
    assert not re.search(r"^FROM [^$\n]*:", DOCKERFILE, re.MULTILINE), "a base that is not named by its digest"
    last = DOCKERFILE.rpartition("\nFROM ")[2]
    assert last.strip() == "runtime"
    assert "USER" not in last
    assert "USER sayso" in DOCKERFILE.partition("AS runtime")[2].partition("\nFROM ")[0]


def test_one_machine_keeps_its_data_and_never_sleeps() -> None:
    assert FLY["mounts"][0]["destination"] == "/data"
    assert FLY["http_service"]["auto_stop_machines"] == "off"
    assert "release_command" not in FLY["deploy"], "it would run on a machine without the volume"
    assert f"AS {FLY['build']['build-target']}\n" in DOCKERFILE


def untold(environment: set[str]) -> set[str]:
    """Variables of docs/configuration.md that somebody who follows it sets for compose in vain."""
    reached = environment | in_the_image()
    return {name for name in set(told(PAGE.read_text())) - NOT_FOR_COMPOSE if not {name, f"{name}_FILE"} & reached}


@pytest.mark.parametrize("process", ["web", "worker", "clock", "release"])
def test_compose_passes_on_every_variable_that_is_documented(process: str) -> None:
    assert untold(set(FULL[f"{process}, full"]["environment"])) == set()


def test_untold_catches_a_variable_that_compose_drops() -> None:
    passed = set(FULL["web, full"]["environment"])
    assert untold(passed - {"SAYSO_REGISTRATION", "SAYSO_METRICS_TOKEN_FILE"}) == {"SAYSO_REGISTRATION", "SAYSO_METRICS_TOKEN"}


def test_what_is_left_out_of_the_env_file_of_compose_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    left_out = [name for name, value in FULL["web, full"]["environment"].items() if value == f"${{{name}:-}}"]
    for name in left_out:
        monkeypatch.delenv(name, raising=False)
    without = load()
    for name in left_out:
        monkeypatch.setenv(name, "")
    assert load() == without
    assert {"SAYSO_METRICS_PORT", "SAYSO_REGISTRATION", "SAYSO_CALL_SECONDS", "STRIPE_API_BASE", *OTEL} <= set(left_out)


def believed(trusted: str, came_from: str, forwarded: str) -> str:
    """Whom uvicorn takes for the client."""
    seen: dict[str, Any] = {"type": "http", "client": (came_from, 1), "headers": [(b"x-forwarded-for", forwarded.encode())]}

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.update(scope)

    asyncio.run(ProxyHeadersMiddleware(app, trusted)(seen, None, None))  # type: ignore[arg-type]  # a request as far as this looks at it
    return str(seen["client"][0])


def proxies(value: str) -> str:
    """The proxies of a file of the deployment, as they are when nothing is said."""
    return DEFAULT.sub(r"\1", value)


def test_behind_the_proxy_of_compose_or_fly_everybody_has_an_origin_of_their_own() -> None:
    compose, fly = proxies(COMPOSE["services"]["web"]["environment"]["FORWARDED_ALLOW_IPS"]), FLY["env"]["FORWARDED_ALLOW_IPS"]
    gateway = str(ip_network(compose)[1])
    assert believed(compose, gateway, "198.51.100.7") == "198.51.100.7"
    assert believed(f"{fly},203.0.113.9,2001:db8::9", "172.19.3.1", "198.51.100.7, 203.0.113.9") == "198.51.100.7"
    assert believed(fly, "172.19.3.1", "198.51.100.7, 203.0.113.9") == "203.0.113.9", "without the app's own address: why fly.toml asks for it"
    for trusted, proxy in ((compose, gateway), (fly, "172.19.3.1")):
        assert believed(trusted, proxy, "192.0.2.1, 198.51.100.7") == "198.51.100.7", "what a client puts before it counts for nothing"
        assert believed(trusted, "198.51.100.8", "192.0.2.1") == "198.51.100.8", "somebody who is no proxy"
    assert believed("127.0.0.1,::1", gateway, "198.51.100.7") == gateway, "uvicorn by itself"
    assert proxies(COMPOSE["networks"]["default"]["ipam"]["config"][0]["subnet"]) == compose


def test_every_command_of_the_fly_file_names_that_file() -> None:
    said = [line.lstrip("# ") for line in (DEPLOY / "fly.toml").read_text().splitlines() if re.match("#  +fly ", line)]
    assert [line for line in said if "-c deploy/fly.toml" not in line] == [f"fly apps create {FLY['app']}"]
    assert {" ".join(line.split()[1:3]) for line in said} >= {"volumes create", "secrets set", "ips list", "ssh console"}
    assert f"--region {FLY['primary_region']} " in "\n".join(said)


PLACE = re.compile(r"“([^”]+)” in the portal \((/portal/\w+)\)")
TEMPLATES = "\n".join(path.read_text() for path in (ROOT / "surfaces" / "portal" / "templates").glob("*.html"))


def lost(words: str) -> list[str]:
    """Places of the portal that are not called so, or that no page leads to."""
    named = [place for place in PLACE.findall(words) if not re.search(rf'href="{place[1]}"[^\n]*>{re.escape(place[0].rpartition(" > ")[2])}[ <]', TEMPLATES)]
    return [*map(" ".join, named), *["in the portal, with no place" for _ in range(words.count("in the portal") - len(PLACE.findall(words)))]]


def test_alarms_and_the_examination_name_places_that_the_portal_has() -> None:
    words = "\n".join([(DEPLOY / "alerts.yml").read_text(), *NEXT.values()])
    assert lost(words) == []
    assert {path for _, path in PLACE.findall(words)} == {"/portal/lanes", "/portal/doubts", "/portal/dead", "/portal/events"}


def test_lost_catches_a_name_that_the_portal_has_not() -> None:
    assert lost("Look at Lanes in the portal.") == ["in the portal, with no place"]
    assert lost("Open “Doubts” in the portal (/portal/doubts).") == ["Doubts /portal/doubts"]
