"""The bill of materials against the lock: every component is pinned there, in that version; `./dev sbom` asks it last."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.house.test_dependencies import pins


def main() -> None:
    """Compare, and say how many there are."""
    bill, lock = (Path(given) for given in sys.argv[1:])
    found = json.loads(bill.read_text())
    listed = {(part["name"].lower().replace("_", "-"), part["version"]) for part in found["components"]}
    unpinned = sorted(listed - pins(lock.read_text()).keys())
    assert listed, "the bill is empty"
    assert not unpinned, f"not in {lock}: {unpinned}"
    silent = sorted(part["name"] for part in found["components"] if not part.get("licenses"))
    sys.stdout.write(f"{bill}: CycloneDX {found['specVersion']}, valid, {len(listed)} components, all pinned; without a licence in their metadata: {silent}\n")


if __name__ == "__main__":
    main()
