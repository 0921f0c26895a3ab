"""`sayso web`: MCP, REST, portal, approval pages and webhooks; writes rows and rings, never calls a provider."""

from __future__ import annotations

from kernel import log
from kernel.settings import load_addressed
from processes import tracing
from processes.metrics import ports
from processes.parts import Web, close_broker, open_broker
from processes.premises import prepare
from processes.serving import bind, living_with, serve, server
from surfaces.app import create_app
from surfaces.portal.routes import routes

EVERYWHERE = "0.0.0.0"  # noqa: S104 - a Procfile's router is on another host


def main() -> None:
    """Serve until told to stop."""
    log.setup()
    tracing.start("web")
    prepare()
    settings = load_addressed()
    broker = open_broker(settings)
    web = Web(settings, broker)
    try:
        app = living_with(create_app(web.door, routes(web.door)), [*ports(settings, web.exposition), web.heart])
        serve(server(app), bind(EVERYWHERE, settings.port))
    finally:
        web.close()
        close_broker(broker)
