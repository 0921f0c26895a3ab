"""Commands without their start-up: one process that has imported everything already forks for each, as `sayso` would be after a second.

`python -m tests.pages.readied SOCKET` waits at that socket. `ask()` is the other side; stand.sh runs it as a script, without anything imported.
"""

import os
import signal
import socket
import sys
from contextlib import suppress
from importlib import import_module
from json import dumps, loads
from pathlib import Path
from traceback import print_exc

SERVING = ("up", "web", "worker", "clock")


def ask(address: str, words: list[str]) -> int:
    """Run a command over there, with this process's terminal, folder and environment; its exit code."""
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(address)
        socket.send_fds(line, [b"3"], [0, 1, 2])
        line.sendall(dumps([words, str(Path.cwd()), dict(os.environ)]).encode())
        line.shutdown(socket.SHUT_WR)
        return int(line.recv(8) or 1)


def serve(address: str) -> None:
    """Import what commands import, then fork for whoever asks."""
    command = import_module("processes.command")
    for room in ("surfaces.client", "surfaces.tables", "surfaces.doctor", "processes.up", "processes.web", "processes.worker", "processes.clock"):
        import_module(room)
    import_module("processes.premises").prepare()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(address)
        door.listen()
        while True:
            line, _ = door.accept()
            if os.fork() == 0:
                door.close()
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                _run(line, command.main)
            line.close()


def _run(line: socket.socket, main: object) -> None:
    _, terminal, _, _ = socket.recv_fds(line, 1, 3)
    words, folder, environment = loads(b"".join(iter(lambda: line.recv(65536), b"")))
    for number, opened in enumerate(terminal):
        os.dup2(opened, number)
    sys.stdin, sys.stdout, sys.stderr = (os.fdopen(number, "w" if number else "r", encoding="utf-8", closefd=False) for number in range(3))
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.argv = ["sayso", *words]
    if words[0] in SERVING:
        with Path(environment["HOME"], "pids").open("a", encoding="utf-8") as pids:
            print(os.getpid(), file=pids)
    code = 1
    try:
        main()
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:  # noqa: BLE001 - a process that is about to end says what went wrong
        print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        with suppress(OSError):
            line.sendall(str(code).encode())
        os._exit(code)


if __name__ == "__main__":
    if len(sys.argv) > 2:
        sys.exit(ask(sys.argv[1], sys.argv[2:]))
    serve(sys.argv[1])
