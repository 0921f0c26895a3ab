"""What makes a site of pages that also read well in the repository: the ones at its top join in, and links to code lose their target."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from posixpath import normpath, relpath
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parents[2]
FROM_THE_TOP = {"ARCHITECTURE.md": "architecture.md", "CHANGELOG.md": "changelog.md", "CONTRIBUTING.md": "contributing.md", "SECURITY.md": "security.md"}
LINK = re.compile(r"(?<!!)\[(?P<words>[^\]]+)\]\((?P<target>[^)\s]+)\)")
FENCE = re.compile(r"^(```.*?^```$)", re.MULTILINE | re.DOTALL)
DIAGRAM = re.compile(r"^```mermaid$.*?^```$\n?", re.MULTILINE | re.DOTALL)
"""Drawn where the repository is read; here it would take a script from elsewhere, and the table below it says the same."""


def on_files(files: Files, config: Any) -> Files:
    """Let the pages at the top of the repository join the site."""
    for name, page in FROM_THE_TOP.items():
        files.append(File.generated(config, page, content=(ROOT / name).read_text(encoding="utf-8")))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Files) -> str:  # noqa: ARG001 - mkdocs calls it by these names
    """Point each link into the site, or keep its words alone."""
    parts = FENCE.split(DIAGRAM.sub("", markdown))
    return "".join(part if part.startswith("```") else LINK.sub(lambda found: _mended(found, page.file.src_uri), part) for part in parts)


def _mended(found: re.Match[str], source: str) -> str:
    target, _, anchor = found["target"].partition("#")
    if not target or re.match(r"[a-z]+:", target):
        return found.group()
    inside = _in_site(source, target)
    if inside is None:
        return found["words"]
    return f"[{found['words']}]({relpath(inside, PurePosixPath(source).parent)}{'#' * bool(anchor)}{anchor})"


def _in_site(source: str, target: str) -> str | None:
    """The page of the site that a link of the repository means."""
    origins = {page: name for name, page in FROM_THE_TOP.items()}
    folder = PurePosixPath(origins[source]).parent if source in origins else PurePosixPath("docs", source).parent
    meant = normpath((folder / target).as_posix())
    if meant in FROM_THE_TOP:
        return FROM_THE_TOP[meant]
    is_there = meant.startswith("docs/") and (ROOT / meant).is_file()
    return meant.removeprefix("docs/") if is_there else None
