"""A private Valkey on a Unix socket."""

import socket
from functools import partial
from pathlib import Path

from embedded.binaries import find_valkey
from embedded.leash import Launch, Leashed
from embedded.place import Place

SOCKET = "valkey.sock"
SETTINGS = {
    "port": "0",
    "unixsocketperm": "700",
    "save": "",
    # A broker that silently evicts tickets under memory pressure is worse than one that says no.
    "maxmemory-policy": "noeviction",
}
DURABLE = {"appendonly": "yes", "appendfsync": "everysec"}
FLEETING = {"appendonly": "no"}


def launch_valkey(place: Place) -> Leashed:
    """Start Valkey on the data below home."""
    folder = place.home / "valkey"
    folder.mkdir(mode=0o700, exist_ok=True)
    path = place.sockets / SOCKET
    path.unlink(missing_ok=True)
    settings = SETTINGS | (DURABLE if place.durable else FLEETING) | {"unixsocket": str(path)}
    words = [str(find_valkey())]
    for name, value in settings.items():
        words += [f"--{name}", value]
    # The data folder is the working directory: no quoting rule of any server version can get it wrong.
    launch = Launch("Valkey", words, folder, "TERM", partial(_answers, path))
    return Leashed(launch, place.home / "valkey.log", place.hold)


def _answers(path: Path) -> bool:
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(1)
            client.connect(str(path))
            client.sendall(b"PING\r\n")
            # While it reads its data back it answers "-LOADING".
            return client.recv(16).startswith(b"+PONG")
    except OSError:
        return False
