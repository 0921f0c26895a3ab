"""What is told at `/metrics`: on a port of its own, and to the web surface, which asks for a token."""

from __future__ import annotations

from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

from prometheus_client import CollectorRegistry, generate_latest
from typing_extensions import override

from kernel.db import Database
from kernel.settings import Settings
from processes.gauges import Gauges
from processes.serving import Part, bind
from surfaces.metrics import TYPE, lets_in
from workers.meters import METERS

SLOWEST_CALLER = 10.0


class Exposition:
    """The installation's gauges and this process's meters, as Prometheus reads them."""

    def __init__(self, database: Database) -> None:
        """The database as the web role sees it: numbers are all that is read."""
        self._database = database
        self._gauges = CollectorRegistry(auto_describe=False)
        self._gauges.register(Gauges(self._database))

    def __call__(self) -> bytes:
        """One scrape."""
        return generate_latest(self._gauges) + generate_latest(METERS)

    def close(self) -> None:
        """Close the connection."""
        self._database.close()


class MetricsPort:
    """Serves `/metrics` and nothing else; asks for the token where one is set."""

    def __init__(self, settings: Settings, exposition: Exposition) -> None:
        """Raises PortTaken. Nobody is answered before `start`."""
        listening = bind(settings.metrics_host, settings.metrics_port, "SAYSO_METRICS_PORT")
        self._server = ThreadingHTTPServer(listening.getsockname()[:2], _answering(settings, exposition), bind_and_activate=False)
        self._server.socket.close()
        self._server.socket = listening
        self._server.daemon_threads = True

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.socket.getsockname()[1])

    def start(self) -> None:
        """Begin to answer."""
        self._server.server_activate()
        Thread(target=self._server.serve_forever, name="metrics", daemon=True).start()

    def stop(self) -> None:
        """Answer nobody any more."""
        self._server.shutdown()
        self._server.server_close()


def ports(settings: Settings, exposition: Exposition) -> list[Part]:
    """The port for metrics, where one is set. Raises PortTaken."""
    return [MetricsPort(settings, exposition)] if settings.metrics_port else []


def _answering(settings: Settings, exposition: Exposition) -> type[BaseHTTPRequestHandler]:
    class Answering(BaseHTTPRequestHandler):
        timeout = SLOWEST_CALLER
        server_version = "sayso"
        sys_version = ""

        def do_GET(self) -> None:
            if urlsplit(self.path).path != "/metrics":
                self._answer(HTTPStatus.NOT_FOUND, b"")
            elif settings.metrics_token.get_secret_value() and not lets_in(settings, self.headers.get("authorization", "")):
                self._answer(HTTPStatus.UNAUTHORIZED, b"")
            else:
                self._answer(HTTPStatus.OK, exposition())

        @override
        def log_message(self, format: str, *args: object) -> None:
            """A scrape each few seconds is no news."""

        def _answer(self, status: HTTPStatus, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", TYPE)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Answering
