"""Output: the boundary map as a file for somebody outside: HTML, or A3 as PNG and PDF.

Always the public's version, read with the public's database role: a file travels, and what is restricted
must not travel with it.
"""

from __future__ import annotations

import secrets
import shutil
import subprocess
import tempfile
from datetime import date
from pathlib import Path

from api.pages.rendering import approval
from geo import settings
from geo.problems import Unavailable
from geo.store import boundaries
from geo.store.engine import sessions
from geo.text import Text
from maps import boundary_map
from maps.page import STATIC, VENDOR, Assets, MapParts

#: A3 landscape at 96 dots an inch, and how many times finer the print is (300 dots an inch).
WIDE, HIGH, SCALE = 1587, 1123, 3.125
BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
SECONDS = 120


class NoBrowser(Unavailable):
    """No Chromium on this machine."""

    code = "no-browser"
    title = Text(
        "输出 PNG、PDF 需要 Chromium：请安装后重试，或改用 --out 文件.html --standalone",
        "PNG and PDF need Chromium: install it and try again, or use --out FILE.html --standalone",
    )


class NotDrawn(Unavailable):
    """Chromium did not make the picture."""

    code = "not-drawn"
    title = Text("Chromium 没有完成出图：{reason}", "Chromium did not finish the picture: {reason}")


def public_map(assets: Assets, *, at: date | None, language: str) -> MapParts:
    """The boundary map as the public may see it, on a date or on the as-of date."""
    district = settings.district()
    day = at or settings.as_of()
    with sessions("public")() as session:
        frames = boundaries.map_frames(session, district=district.code, at=day, officer=False)
        progress = boundaries.district_progress(
            session, district=district.code, at=day, officer=False,
            target=district.settled_target, year=district.target_year,
        )  # fmt: skip
    about = boundary_map.About(
        district=district.name_en if language == "en" else district.name,
        on=day,
        approval=approval(language),
        language=language,
        target=progress.target,
        settled=progress.settled_in_year,
        links=False,
    )
    return boundary_map.build(frames, about, assets, secrets.token_urlsafe(12))


def write_html(out: Path, *, standalone: bool, at: date | None, language: str) -> None:
    """Write the map as a page. standalone: everything in the one file; else its scripts and styles are
    copied into a folder beside it."""
    if standalone:
        assets = Assets(inline=True)
    else:
        folder = out.with_name(out.stem + "_files")
        assets = Assets(prefix=f"{folder.name}/", served=False)
    page = public_map(assets, at=at, language=language).document()
    if not standalone:
        for entry in VENDOR.values():
            if entry in page:
                (folder / entry).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(STATIC / entry, folder / entry)
    out.write_text(page, encoding="utf-8")


def write_print(out: Path, *, at: date | None, language: str) -> None:
    """Write the map as PNG or PDF, A3 landscape, 300 dots an inch. Raises NoBrowser, NotDrawn.

    Names are placed on a canvas here: the buffer of MapLibre's is gone when a page is printed.
    """
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        raise NoBrowser()
    with tempfile.TemporaryDirectory(prefix="yudi-map-") as folder:
        room = Path(folder)
        page = room / "map.html"
        parts = public_map(Assets(inline=True), at=at, language=language)
        page.write_text(parts.document(), encoding="utf-8")
        picture = room / "map.png"
        _run(
            browser, room, f"--screenshot={picture}", f"--window-size={WIDE},{HIGH}",
            f"--force-device-scale-factor={SCALE}", "--virtual-time-budget=8000",
            f"{page.as_uri()}?labels=canvas&print",
        )  # fmt: skip
        if not picture.is_file():
            raise NotDrawn(reason="no picture")
        if out.suffix.lower() == ".png":
            shutil.copyfile(picture, out)
            return
        sheet = room / "sheet.html"
        sheet.write_text(
            '<!doctype html><meta charset="utf-8"><style>@page{size:420mm 297mm;margin:0}'
            "body{margin:0}img{display:block;width:420mm;height:296.9mm}</style>"
            '<img src="map.png" alt="">',
            encoding="utf-8",
        )
        paper = room / "map.pdf"
        _run(browser, room, f"--print-to-pdf={paper}", "--no-pdf-header-footer", sheet.as_uri())
        if not paper.is_file():
            raise NotDrawn(reason="no paper")
        shutil.copyfile(paper, out)


def _run(browser: str, room: Path, *arguments: str) -> None:
    """Run Chromium once, without network and with a profile of its own."""
    command = [
        browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
        "--proxy-server=127.0.0.1:9", f"--user-data-dir={room / 'profile'}", *arguments,
    ]  # fmt: skip
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=SECONDS)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        raise NotDrawn(reason=type(error).__name__) from error
