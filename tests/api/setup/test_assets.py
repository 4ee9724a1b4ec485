"""The pages' assets: exact versions, hashes, no addresses; only what is used is copied."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from api.setup import assets
from geo.settings import ROOT

PACKAGE = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
LOCK = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))


def test_every_version_is_exact() -> None:
    for versions in (PACKAGE["dependencies"], PACKAGE["devDependencies"]):
        assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in versions.values()), versions
    assert "mapshaper" not in PACKAGE["dependencies"], "./yudi up must not install it"


def test_the_lock_is_of_these_versions_hashed_and_names_no_registry() -> None:
    root = LOCK["packages"][""]
    assert root["dependencies"] == PACKAGE["dependencies"]
    for name, entry in LOCK["packages"].items():
        assert "resolved" not in entry, name
        if name:
            assert entry["integrity"].startswith("sha512-"), name


FOLDERS = ("images", "cmaps", "standard_fonts")


def fake(modules: Path) -> None:
    for source in assets.USED:
        path = modules / source
        if source.endswith(FOLDERS):
            path.mkdir(parents=True)
            (path / "one.bin").write_bytes(b"bin")
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(source)
    (modules / "leaflet" / "dist" / "leaflet-src.js.map").write_text("not used")


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout in which npm brings what the real one does."""
    (tmp_path / "package-lock.json").write_text("{}")
    calls = tmp_path / "calls"
    calls.touch()

    def npm(arguments: list[str], root: Path) -> None:
        calls.write_text(calls.read_text() + " ".join(arguments) + "\n")
        fake(root / "node_modules")

    monkeypatch.setattr(assets, "npm", npm)
    return tmp_path


def test_what_is_used_is_copied_and_nothing_else(checkout: Path) -> None:
    assets.provide(checkout)
    found = {
        str(p.relative_to(assets.vendor(checkout))) for p in assets.vendor(checkout).rglob("*") if p.is_file()
    }
    wanted = {f"{p}/one.bin" if p.endswith(FOLDERS) else p for p in assets.USED.values()}
    assert found == wanted | {assets.STAMP}
    assert (checkout / "calls").read_text() == "ci --omit=dev --omit=optional\n"


def test_a_second_time_npm_is_not_run_until_the_lock_changes(checkout: Path) -> None:
    assets.provide(checkout)
    assets.provide(checkout)
    assert (checkout / "calls").read_text().count("\n") == 1
    (checkout / "package-lock.json").write_text('{"lockfileVersion": 3}')
    with pytest.raises(FileExistsError):
        assets.provide(checkout)  # npm of this test brings things once only
    assert (checkout / "calls").read_text().count("\n") == 2


def test_for_the_tests_npm_is_run_once_and_not_where_everything_is_there(checkout: Path) -> None:
    assets.provide_for_tests(checkout)
    assert (checkout / "calls").read_text() == "ci\n" and assets.present(checkout)
    shutil.rmtree(assets.vendor(checkout))
    assets.provide_for_tests(checkout)
    assert (checkout / "calls").read_text() == "ci\n" and assets.present(checkout), (
        "copied from what is there"
    )


def test_a_package_that_lacks_a_file_leaves_the_old_assets(checkout: Path, tmp_path: Path) -> None:
    assets.provide(checkout)
    (checkout / "node_modules" / "leaflet" / "dist" / "leaflet.css").unlink()
    with pytest.raises(FileNotFoundError):
        assets.copy(checkout / "node_modules", assets.vendor(checkout))
    assert assets.present(checkout)


def test_npm_that_fails_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(assets, "node", lambda: "/bin/false")
    with pytest.raises(assets.NoAssets) as caught:
        assets.npm(["ci"], tmp_path)
    assert "网络" in caught.value.text.zh
    assert "network" in caught.value.text.en


def test_node_and_npm_come_with_the_lock() -> None:
    node = Path(assets.node())
    assert node.exists()
    assert (node.parent.parent / "lib/node_modules/npm/bin/npm-cli.js").exists()
