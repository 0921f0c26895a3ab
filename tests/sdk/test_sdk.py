"""The TypeScript kit, as `./dev test-sdk` has built it: it drives a running Sayso, and the pages' TypeScript fits its types."""

from __future__ import annotations

import json
import os
import re
import subprocess
from dataclasses import replace
from pathlib import Path

from tests.browser.served import served
from tests.factories import Desk
from tests.pages.blocks import blocks
from tests.portal.guest import app_of

KIT = Path(__file__).resolve().parents[2] / "clients" / "typescript"
NODE = os.environ.get("SAYSO_NODE", "node")


def at(desk: Desk, address: str) -> Desk:
    """The desk as it is served at an address."""
    return replace(desk, settings=desk.settings.model_copy(update={"base_url": address}))


def test_the_kit_drives_a_running_sayso(desk: Desk) -> None:
    with served(lambda address: app_of(at(desk, address))) as address:
        environment = {"PATH": os.environ["PATH"], "SAYSO_URL": address, "SAYSO_API_KEY": desk.founded.key.secret}
        done = subprocess.run([NODE, "--test", "dist/test/drive.test.js"], cwd=KIT, env=environment, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_pages_type_script_fits_the_types_and_what_does_not_is_caught(tmp_path: Path) -> None:
    shown = [block.text for block in blocks("typescript")]
    assert shown
    wrong = [shown[0] + "\nconst wrong: number = asked.approvalId;\n", shown[0] + "\nawait sayso.call('approve_send', {});\n"]
    for number, text in enumerate([*shown, *wrong]):
        (tmp_path / f"page{number}.ts").write_text(f"{text}\nexport {{}};\n")
    options = {"rootDir": "/", "noEmit": True, "paths": {"sayso": [str(KIT / "dist/src/index.d.ts")]}, "typeRoots": [str(KIT / "node_modules/@types")]}
    written = {"extends": str(KIT / "tsconfig.json"), "compilerOptions": {**options, "noUnusedLocals": False}, "include": ["*.ts"]}
    (tmp_path / "tsconfig.json").write_text(json.dumps(written))
    (tmp_path / "package.json").write_text('{"type": "module"}')
    done = subprocess.run(
        [NODE, str(KIT / "node_modules/typescript/bin/tsc"), "-p", "."], cwd=tmp_path, capture_output=True, text=True, timeout=100, check=False
    )
    faulty = set(re.findall(r"^(page\d+)\.ts", done.stdout, re.MULTILINE))
    assert faulty == {f"page{len(shown)}", f"page{len(shown) + 1}"}, done.stdout
