"""./yudi map: the public's map in a file that asks nothing of any network, and nothing restricted in it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pypdf
import pytest
from PIL import Image
from typer.testing import CliRunner

from api.cli import map as command
from api.pages import output
from geo.settings import ROOT
from geo.store.village_names import NoSuchPartOfMap
from maps.sheets.typeset import NoChineseFont, faces

pytestmark = pytest.mark.skipif(
    not (ROOT / "api/static/vendor/leaflet/leaflet.js").is_file(),
    reason="front-end assets are not installed; ./yudi test installs them",
)


def run(*arguments: str) -> Any:
    import typer

    app = typer.Typer()
    app.callback()(lambda: None)
    command.add(app)
    return CliRunner().invoke(app, ["map", *arguments])


@pytest.mark.parametrize(
    "arguments",
    [
        ("nowhere", "--out", "a.html"),
        ("boundaries", "--out", "a.txt"),
        ("boundaries", "--out", "a.pdf", "--standalone"),
        ("boundaries", "--out", "a.html", "--lang", "fr"),
        ("boundaries", "--out", "no/such/folder/a.html"),
        ("boundaries", "--out", "a.pdf", "--paper", "B5"),
        ("boundaries", "--out", "a.pdf", "--within", "500112100"),
        ("boundaries", "--out", "a.html", "--paper", "A4"),
        ("boundaries",),
    ],
)
def test_wrong_use_is_exit_code_2(arguments: tuple[str, ...]) -> None:
    assert run(*arguments).exit_code == 2


def test_standalone_is_one_file_that_asks_for_nothing(database_url: str, tmp_path: Path) -> None:
    out = tmp_path / "map.html"
    done = run("boundaries", "--out", str(out), "--standalone", "--at", "2024-12-31")
    assert done.exit_code == 0, done.output
    page = out.read_text(encoding="utf-8")
    assert not re.search(r"<(?:script|img|iframe|link)[^>]*\s(?:src|href)=", page)
    assert [p.name for p in tmp_path.iterdir()] == ["map.html"]
    assert (
        "内部版" not in page
        and "2024-12-31" in page
        and "/boundaries/" not in re.sub(r"<script.*?</script>", "", page, flags=re.S)
    )
    data = json.loads(re.search(r'id="map-data">(.*?)</script>', page, re.DOTALL)[1])
    assert data["links"] is False


def test_linked_takes_its_files_along(database_url: str, tmp_path: Path) -> None:
    out = tmp_path / "map.html"
    output.write_html(out, standalone=False, at=None, language="en")
    page = out.read_text(encoding="utf-8")
    for link in re.findall(r'<(?:script|link)[^>]*\s(?:src|href)="([^"]+)"', page):
        assert (tmp_path / link).is_file(), link
    assert "csp-worker" not in page, "a page from disk needs the build without a worker's address"


@pytest.fixture
def chinese_faces() -> None:
    try:
        faces()
    except NoChineseFont as missing:
        pytest.skip(missing.text.zh)


@pytest.mark.usefixtures("chinese_faces")
@pytest.mark.parametrize("name", ["a.pdf", "a.png"])
def test_print_needs_no_browser(
    database_url: str, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    out = tmp_path / name
    done = run("boundaries", "--out", str(out), "--paper", "a4", "--portrait", "--at", "2024-12-31")
    assert done.exit_code == 0, done.output
    if name == "a.png":
        with Image.open(out) as picture:
            assert picture.size == (2480, 3508), "A4 at 300 dots an inch"
    else:
        page = pypdf.PdfReader(out).pages[0]
        assert [round(float(v) / 72 * 25.4) for v in page.mediabox[2:]] == [210, 297]
        text = page.extract_text()
        assert "界线图" in text and "审图号：待填" in text and "内部版" not in text


@pytest.mark.usefixtures("chinese_faces")
def test_village_names_go_into_files_too(database_url: str, tmp_path: Path) -> None:
    out = tmp_path / "villages.html"
    done = run("villages", "--out", str(out), "--standalone", "--at", "2024-12-31")
    assert done.exit_code == 0, done.output
    data = json.loads(
        re.search(r'id="map-data">(.*?)</script>', out.read_text(encoding="utf-8"), re.DOTALL)[1]
    )
    assert data["links"] is False and set(data["contents"]) == {"names", "items", "whole"}
    done = run("villages", "--out", str(tmp_path / "a.pdf"), "--paper", "A2", "--at", "2024-12-31")
    assert done.exit_code == 0, done.output
    page = pypdf.PdfReader(tmp_path / "a.pdf").pages[0]
    assert sorted(round(float(v) / 72 * 25.4) for v in page.mediabox[2:]) == [420, 594]
    assert "乡村地名图" in page.extract_text() and "审图号：待填" in page.extract_text()
    with pytest.raises(NoSuchPartOfMap):
        output.write_print(tmp_path / "b.pdf", at=None, language="zh", name="villages", within="999999999")


def test_a_saved_map_opens_from_disk_without_a_request(
    database_url: str, tmp_path: Path, browser: Any
) -> None:
    for standalone in (True, False):
        out = tmp_path / f"map{standalone}.html"
        output.write_html(out, standalone=standalone, at=None, language="zh")
        page = browser.new_page()
        asked: list[str] = []
        troubles: list[str] = []
        page.on("request", lambda r, asked=asked: asked.append(r.url))
        page.on(
            "console", lambda m, troubles=troubles: troubles.append(m.text) if m.type == "error" else None
        )
        page.on("pageerror", lambda e, troubles=troubles: troubles.append(str(e)))
        page.goto(f"{out.as_uri()}?labels=canvas")
        page.wait_for_selector("[data-stage][data-ready]")
        assert not troubles
        assert all(u.startswith(("file:", "data:", "blob:")) for u in asked), asked
        page.close()
