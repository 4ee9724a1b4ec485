"""The arrows between rooms run down only: api -> maps -> geo, and no rule room knows the store."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FILES = sorted(p for room in ("geo", "maps", "api") for p in (ROOT / room).rglob("*.py"))
CORE = {"geo.text", "geo.days", "geo.terms", "geo.problems", "geo.findings", "geo.machine", "geo.settings"}

#: What a room (longest prefix) must not import. The whole house in one table.
FORBIDDEN = {
    "geo": ("maps", "api"),
    "geo.crs": ("geo.store", "geo.checks", "geo.reading", "maps", "api"),
    "geo.reading": ("geo.store", "maps", "api"),
    "geo.checks": ("geo.store", "maps", "api"),
    "geo.network": ("geo.store", "geo.checks", "maps", "api"),
    "geo.boundaries": ("geo.store", "maps", "api"),
    "geo.names": ("geo.store", "maps", "api"),
    "geo.approvals": ("geo.store", "maps", "api"),
    "geo.programme": ("geo.store", "maps", "api"),
    "geo.walking": ("geo.store", "geo.facilities", "maps", "api"),
    "geo.facilities": ("geo.store", "maps", "api"),
    "geo.inspection": ("geo.store", "maps", "api"),
    "geo.store": ("maps", "api"),
    "maps": ("api", "geo.store"),
    "maps.tiles": ("api",),
    "api.security": ("api.acts", "api.routes", "api.pages", "api.worker", "api.setup", "api.cli"),
    "api.acts": ("api.routes", "api.pages", "api.setup", "api.cli", "maps"),
    "api.routes": ("api.pages", "api.worker", "api.setup", "api.cli"),
    "api.pages": ("api.routes", "api.worker", "api.setup", "api.cli"),
    "api.worker": ("api.routes", "api.pages", "api.setup", "api.cli"),
    "api.setup": ("api.routes", "api.pages", "api.cli"),
}


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"relative import in {path}"
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


def inside(module: str, room: str) -> bool:
    return module == room or module.startswith(room + ".")


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_arrows_run_down(path: Path) -> None:
    module = module_of(path)
    room = max((r for r in FORBIDDEN if inside(module, r)), key=len, default=None)
    if room is None:
        return
    wrong = sorted(i for i in imports_of(path) for r in FORBIDDEN[room] if inside(i, r))
    assert not wrong, f"{module} must not import {wrong}"


@pytest.mark.parametrize("module", sorted(CORE))
def test_core_knows_only_itself(module: str) -> None:
    path = ROOT / (module.replace(".", "/") + ".py")
    wrong = {i for i in imports_of(path) if inside(i, "geo") and not any(inside(i, c) for c in CORE)}
    assert wrong <= {"geo"}, wrong


def test_the_table_would_catch_an_upward_import(tmp_path: Path) -> None:
    bad = tmp_path / "bad.py"
    bad.write_text("from maps.theme import INK\nimport api.app\n", encoding="utf-8")
    found = imports_of(bad)
    assert any(inside(i, r) for i in found for r in FORBIDDEN["geo"])
