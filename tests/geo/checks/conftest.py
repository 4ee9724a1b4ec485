"""The builder of scenes as a fixture: `scenes.scene(...)`, `scenes.findings(scene, "TP01")`."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest


def _load(stem: str) -> ModuleType:
    name = f"yudi_test_{stem}"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{stem}.py"))
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


@pytest.fixture(scope="session")
def scenes() -> ModuleType:
    return _load("scenes")


@pytest.fixture(scope="session")
def networks() -> ModuleType:
    return _load("networks")
