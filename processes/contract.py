"""`./dev contract`: prints the OpenAPI document of this version, without a server; the client kit's types are generated from it."""

from __future__ import annotations

import json

from kernel.schema import named, names
from kernel.settings import load
from processes.premises import prepare
from surfaces import openapi


def main() -> None:
    """Print it as JSON."""
    prepare()
    print(json.dumps(openapi.document(load().base_url, named(names())), ensure_ascii=False))


if __name__ == "__main__":
    main()
