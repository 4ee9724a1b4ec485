"""Output: the boundary map as a file for somebody outside: HTML, or paper from A4 to A0 as PDF and PNG.

Always the public's version, read with the public's database role: a file travels, and what is restricted
must not travel with it.
"""

from __future__ import annotations

import secrets
import shutil
from datetime import date
from pathlib import Path

from api.pages.rendering import approval
from geo import settings
from geo.store import boundaries
from geo.store.engine import sessions
from maps import boundary_map, sheets
from maps.page import STATIC, VENDOR, Assets, MapParts
from maps.sheets import Sheet, boundary_sheet, paper
from maps.sheets.paper import fitting


def public_frames(*, at: date | None, language: str) -> tuple[boundary_map.Frames, boundary_map.About]:
    """What the public may see of the boundaries, on a date or on the as-of date, and what the map says."""
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
    return frames, about


def public_map(assets: Assets, *, at: date | None, language: str) -> MapParts:
    """The boundary map as the public may see it, on a date or on the as-of date."""
    frames, about = public_frames(at=at, language=language)
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


def write_print(
    out: Path, *, at: date | None, language: str, size: str = "A3", landscape: bool | None = None
) -> Sheet:
    """Write the map for paper: a vector PDF, or a PNG of 300 dots an inch up to A3 and 150 above.

    size: A4 to A0; landscape: None lies or stands as the district wants it. Answers the sheet.
    Raises NoSuchPaper, NoChineseFont.
    """
    frames, about = public_frames(at=at, language=language)
    if landscape is None:
        sheet_paper = fitting(size, boundary_sheet.extent(frames))
    else:
        sheet_paper = paper(size, lying=landscape)
    made = boundary_sheet.build(frames, about, sheet_paper)
    out.write_bytes(sheets.pdf(made) if out.suffix.lower() == ".pdf" else sheets.png(made))
    return made
