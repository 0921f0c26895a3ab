"""The log: one JSON object a line, with keys, codes, addresses and bodies blotted out before anything is written."""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

from kernel.keys import show
from kernel.traces import here

BLOT = "[redacted]"
SECRET_FIELDS = frozenset({"body", "code", "token", "api_key", "authorization", "secret", "to", "recipient", "email", "phone", "payload", "snapshot"})
SECRETS = re.compile(
    r"sayso_mcp_[\w-]+|Bearer\s+\S+|\b(?:sk|rk|whsec|SG)[_.][\w.-]{8,}"
    r"|/(?:a(?:/list)?|portal/enter|portal/keep|portal/join)/[\w-]{16,}|[\w.+-]+@[\w-]+\.[\w.-]+|\+\d{7,15}\b"
    r"|(?<=://)[^/\s:@]*:[^/\s@]+(?=@)",
)
QUIET = ("twilio", "twilio.http_client", "urllib3", "stripe", "python_http_client", "dramatiq", "httpx2", "httpcore2", "mcp", "uvicorn.access")


def redact(words: str) -> str:
    """Blot out what looks like a key, a link, an e-mail address or a phone number."""
    return SECRETS.sub(BLOT, words)


def trail(bug: BaseException) -> str:
    """What a fault was and the way it came, without its words: those may quote a customer."""
    way = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(bug.__traceback__)]
    return " < ".join([type(bug).__name__, *reversed(way)])


def _blot(value: Any) -> Any:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, dict):
        return {key: BLOT if str(key).lower() in SECRET_FIELDS else _blot(item) for key, item in value.items()}
    return [_blot(item) for item in value] if isinstance(value, (list, tuple)) else value


def _redacting(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: BLOT if key.lower() in SECRET_FIELDS else _blot(value) for key, value in event.items()}


def _placing(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Where it was said: ids alone, so that all lines about one message or one request are found together."""
    if place := here():
        event["trace_id"] = place.trace_id
        event.update({"request_id": place.request} if place.request else {})
        event.update({"intent_id": show("int", place.intent)} if place.intent else {})
    return event


def setup(*, stream: TextIO = sys.stderr, level: int = logging.INFO) -> None:
    """Send every logger, ours and the libraries', through redaction to `stream`; providers' clients only warn."""
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.add_log_level, structlog.stdlib.add_logger_name, _placing],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _redacting,
            structlog.processors.JSONRenderer(default=str),
        ],
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
