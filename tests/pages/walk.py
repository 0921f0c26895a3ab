"""A page walked as its reader walks it: its commands in a shell of their own, what it shows compared, and the person's part done between."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import anyio
import httpx2
from typing_extensions import override

from kernel.clock import monotonic
from processes.cast import look
from processes.story import CODE, LINK
from tests.fixtures.practice import as_letter
from tests.fixtures.stub_mail import StubMail
from tests.fixtures.stub_provider import StubProvider
from tests.fixtures.waiting import until
from tests.house.tree import ROOT
from tests.pages.blocks import Act, Block, events

STAND = Path(__file__).parent
KEY = re.compile(r"sayso_mcp_[\w-]{20,}")
MAIL_SERVER = "smtps://user:password@mail.example:465"
HERE = "http://127.0.0.1:8000"
PRACTICE = "http://127.0.0.1:8100"
PRACTICE_MAIL = "smtp://127.0.0.1:8125"
PATIENCE = 20
PATIENT, HASTY = f'"waitSeconds": {PATIENCE}', '"waitSeconds": 1'
"""How long the pages wait, and how long a walk does before it looks again."""
SERVERS = {
    "SAYSO_DATABASE_URL": "postgresql+psycopg://sayso:password@127.0.0.1:5432/sayso",
    "SAYSO_REDIS_URL": "redis://:password@127.0.0.1:6379/0",
}
"""Where a page says that the servers are; the reader of a walk has others."""
IDS = ("apr", "int", "acc", "inv", "org", "iss")
MADE_UP = {"AC…": "AC" + "0" * 32, "SG.…": "SG.key", "sk_test_…": "sk_test_key", "whsec_…": "whsec_pages", "AUTH_TOKEN=…": "AUTH_TOKEN=token"}
"""What stands on a page for something that its reader has, and the stub of the providers takes."""


class Front(httpx2.AsyncBaseTransport):
    """The way from the address that the public knows to the machine, as a proxy that ends TLS goes it."""

    def __init__(self, machine: str) -> None:
        self._machine = httpx2.URL(machine)
        self._inner = httpx2.AsyncHTTPTransport()

    @override
    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        there = request.url.copy_with(scheme=self._machine.scheme, host=self._machine.host, port=self._machine.port)
        asked = httpx2.Request(request.method, there, headers=request.headers, stream=request.stream, extensions=request.extensions)
        return await self._inner.handle_async_request(asked)

    @override
    async def aclose(self) -> None:
        await self._inner.aclose()


class Walk:
    """A reader with a terminal, in a folder where `./dev` is."""

    def __init__(self, home: Path, environment: dict[str, str], stub: StubProvider, mail: StubMail) -> None:
        """`environment` is what the reader's machine has set already."""
        self.home = home
        self.said: list[str] = []
        self.stub, self.mail = stub, mail
        self._opened: set[str] = set()
        self._ran = ""
        self._servers = {stands: f"'{environment[name]}'" for name, stands in SERVERS.items()}
        self.environment = {"PATH": os.environ["PATH"], **environment, "HOME": str(home), "STAND_PYTHON": sys.executable, "STAND": str(STAND / "readied.py")}
        shutil.copy(STAND / "stand.sh", home / "dev")

    def walk(self, page: str) -> int:
        """Do all that the page says; answers how many blocks were run. Raises AssertionError where it is not so."""
        many = 0
        for event in events(page, (ROOT / page).read_text()):
            match event:
                case Act(what):
                    self._act(what)
                case Block(language="sh", is_run=True, text=text):
                    self._run(text.replace(PATIENT, HASTY))
                    many += 1
                case Block(language="python", is_run=True, text=text):
                    (self.home / "page.py").write_text(text)
                    self._run('"$STAND_PYTHON" page.py')
                    many += 1
                case Block(language="text", is_run=True, text=text) if self.said:
                    self._compare(page, text)
        return many

    def end(self) -> None:
        """Stop what still serves."""
        kept = self.home / "pids"
        started = [int(pid) for pid in kept.read_text().split()] if kept.exists() else []
        for pid in [one for one in started if not _is_over(one)]:
            os.kill(pid, signal.SIGTERM)
            until(lambda pid=pid: _is_over(pid), 40, f"{pid} does not stop")

    def _compare(self, page: str, shown: str) -> None:
        """What the page shows must be in what the command said; one that waits is asked again, for what was sent may wait for its delivery in vain."""
        ends = monotonic() + PATIENCE
        while (missing := self._missing(shown)) and HASTY in self._ran and monotonic() < ends:
            self._run(self._ran)
        assert not missing, f"{page} shows {missing}, and the command said:\n{self.said[-1]}"

    def _missing(self, shown: str) -> list[str]:
        return [line for line in shown.splitlines() if not _shows(self.said[-1], line.replace(HERE, self.environment["SAYSO_URL"]))]

    def _run(self, text: str) -> None:
        self._ran = text
        kept = self.home / "environment"
        script = f"{self._filled(text)}\nenv -0 >'{kept}'\n"
        command = ["bash", "-euo", "pipefail", "-c", script]
        done = subprocess.run(command, cwd=self.home, env=self.environment, capture_output=True, text=True, timeout=90, check=False)
        assert done.returncode == 0, f"{text}\nended with {done.returncode}: {done.stdout}{done.stderr}\n{self._logged()}"
        self.environment = dict(pair.split("=", 1) for pair in kept.read_text().split("\0") if pair)
        self.said.append(done.stdout + done.stderr)

    def _logged(self) -> str:
        """The end of what each server said."""
        logs = [*self.home.glob("*.log"), *self.home.glob("data/*.log")]
        return "\n".join(f"{log.name}: {log.read_text()[-1500:]}" for log in logs)

    def _filled(self, text: str) -> str:
        """The text with what the reader fills in: the key and the ids that the commands above have said."""
        heard = "\n".join(self.said)
        mail = f"smtp://127.0.0.1:{self.mail.port}"
        for stands, means in {**MADE_UP, **self._servers, MAIL_SERVER: mail, PRACTICE_MAIL: mail, PRACTICE: self.stub.url}.items():
            text = text.replace(stands, means)
        text = text.replace(HERE, self.environment["SAYSO_URL"])
        for key in KEY.findall(heard)[-1:]:
            text = text.replace("sayso_mcp_…", key)
        for prefix in IDS:
            for last in re.findall(rf"{prefix}_[0-9a-f]{{32}}", heard)[-1:]:
                text = text.replace(f"{prefix}_…", last)
        return text

    def _act(self, what: str) -> None:
        match what:
            case "a person approves":
                self._approve()
            case "sayso is up":
                self._run("./dev up\nexport SAYSO_API_KEY=$(grep -o 'sayso_mcp_[A-Za-z0-9_-]*' up.log)")
            case "a message is sent":
                self._run("""./dev tool send_sms '{"to": "+447400123456", "body": "Hello."}'""")
                self._approve()
                self._run("""./dev tool get_send_status '{"approvalId": "apr_…", "waitSeconds": 20}' | grep -E '"status": "(sent|delivered)"'""")
            case "the processes run":
                until(lambda: "2 worker" in self._heard("doctor", "--server"), 60, "they do not run")
            case "everything is stopped":
                self.end()
            case _:
                raise AssertionError(what)

    def _approve(self) -> None:
        link, code = until(self._letter, 20, "no letter came")
        self._opened.add(link)

        async def decide() -> None:
            await (await look(link, code, Front(self.environment["SAYSO_URL"]))).decide("approved")

        anyio.run(decide)

    def _letter(self) -> tuple[str, str] | None:
        """The newest letter with a link and its code, wherever it went, that was not opened yet."""
        letters = [self._heard("mailbox"), *(entry.text or "" for entry in self.stub.entries()), *map(as_letter, self.mail.letters)]
        pairs = [pair for letter in letters for pair in zip(LINK.findall(letter), CODE.findall(letter), strict=False)]
        found = [(link, code) for link, code in pairs if link not in self._opened]
        return found[-1] if found else None

    def _heard(self, *words: str) -> str:
        """What a command says, whatever becomes of it."""
        return subprocess.run(["./dev", *words], cwd=self.home, env=self.environment, capture_output=True, text=True, timeout=60, check=False).stdout


def _is_over(pid: int) -> bool:
    """Gone, or waiting only for its parent to notice."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (ProcessLookupError, FileNotFoundError):
        return True


def _shows(said: str, line: str) -> bool:
    """Whether what was said has this line; `…` stands for anything, at its end too."""
    wanted = ".*".join(re.escape(" ".join(part.split())).replace(r"\ ", " ") for part in line.split("…"))
    return any(re.search(wanted, " ".join(heard.split())) for heard in said.splitlines())
