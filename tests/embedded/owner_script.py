"""Owns servers on the folder named by its argument and does what its standard input says."""

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from embedded.servers import EmbeddedError, Servers
from tests.embedded.belongings import both_answer


def say(**words: Any) -> None:
    """Tell the test something."""
    # Past the buffer, which a signal handler must not enter a second time.
    os.write(sys.stdout.fileno(), f"{json.dumps(words)}\n".encode())


def drop_root() -> None:
    """Become the user OWNER_UID names; by now every module is imported, which that user might not read."""
    wanted = os.environ.get("OWNER_UID")
    if wanted:
        os.setgroups([])
        os.setgid(int(wanted))
        os.setuid(int(wanted))


def stop_in_a_fork(servers: Servers) -> int:
    """Let a forked child try to stop its parent's servers."""
    child = os.fork()
    if child == 0:
        servers.stop()
        os._exit(0)
    return os.waitpid(child, 0)[1]


def main() -> None:
    """Start, obey, and end when told or when nobody speaks any more."""
    signal.signal(signal.SIGINT, lambda *_: say(interrupted=True))
    drop_root()
    servers = Servers(Path(sys.argv[1]))
    urls = (servers.database_url, servers.redis_url)
    try:
        servers.start()
    except EmbeddedError as error:
        say(refused=str(error))
        return
    say(urls=urls, uid=os.geteuid())
    for line in sys.stdin:
        match line.strip():
            case "check":
                say(answer=both_answer(*urls))
            case "fork":
                say(status=stop_in_a_fork(servers))
            case "stop":
                servers.stop()
                say(stopped=True)


main()
