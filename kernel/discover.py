"""Finds what is declared by being there: imports every module of a room so that its declarations register themselves."""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType


def modules(package: str) -> list[ModuleType]:
    """Import every module directly inside `package`, sorted by name."""
    room = importlib.import_module(package)
    return [importlib.import_module(f"{package}.{found.name}") for found in sorted(pkgutil.iter_modules(room.__path__), key=lambda m: m.name)]


def named(package: str, name: str) -> list[ModuleType]:
    """Import `<package>.<area>.<name>` of every area that has one, sorted by area."""
    areas = [area for area in modules(package) if hasattr(area, "__path__")]
    return [importlib.import_module(f"{area.__name__}.{name}") for area in areas if any(found.name == name for found in pkgutil.iter_modules(area.__path__))]


def everything(package: str) -> list[ModuleType]:
    """Import every module of `package`, however deep, sorted by name."""
    room = importlib.import_module(package)
    return [importlib.import_module(name) for name in sorted(found.name for found in pkgutil.walk_packages(room.__path__, f"{package}."))]


def load(name: str) -> ModuleType:
    """Import one module by name, when its command is really run: a command line must not pay for every other command."""
    return importlib.import_module(name)
