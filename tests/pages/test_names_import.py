"""/names/import in a real browser: a file is tried, its columns are shown, bad rows are said, the import made."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.pages.looking import fits

ROWS = "标准名称,地名代码,类别,所在政区,东经,北纬\n试验坝,,自然村,兴隆镇,106.7,29.9\n倒置湾,,自然村,兴隆镇,29.9,106.7\n"


@pytest.mark.parametrize("size", [pytest.param("desktop", marks=pytest.mark.full), "phone"])
def test_from_file_to_register(visit: Any, tmp_path: Path, size: str) -> None:
    path = tmp_path / "登记表.csv"
    path.write_bytes(ROWS.replace("试验坝", f"试验坝{'甲' if size == 'phone' else '乙'}").encode("gb18030"))
    page = visit(size, login="registrar")
    page.goto("/names/import")
    page.set_input_files("input[name=file]", path)
    page.fill("input[name=document]", "试验文〔2024〕1号")
    page.fill("input[name=on]", "2024-06-01")
    picture(page, f"names-import-form-{size}")
    page.click("button[type=submit].button-main")
    page.wait_for_selector("select[name='map:name']", timeout=60_000)
    assert page.locator("select[name='map:name']").input_value() == "标准名称"
    assert "写反" in page.inner_text("main") and "试运行" in page.inner_text("main")
    assert fits(page)
    picture(page, f"names-import-tried-{size}")
    page.check("input[name=confirmed]")
    page.click("button[value=import]")
    page.wait_for_selector("text=已完成", timeout=60_000)
    tiles = page.inner_text("dl.tiles")
    assert tiles.split()[:4] == ["读到", "2", "新增", "1"], tiles


def picture(page: Any, name: str) -> None:
    """Kept where a person asks to see it."""
    if folder := os.environ.get("YUDI_PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)
