"""Output: a map as a file for somebody outside: HTML, or paper from A4 to A0 as PDF and PNG.

Always the public's version, read with the public's database role: a file travels, and what is restricted
must not travel with it.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from api import care
from api.pages.care import care_items, outlines
from api.pages.rendering import approval
from geo import settings
from geo.store import boundaries, village_names
from geo.store.engine import sessions
from maps import boundary_map, care_map, sheets, village_map
from maps.care_list import About, Item
from maps.page import STATIC, VENDOR, Assets, MapParts
from maps.sheets import Paper, Sheet, boundary_sheet, care_sheet, paper, village_sheet
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


def public_names(
    *, at: date | None, language: str, within: str | None
) -> tuple[village_map.Names, village_map.About]:
    """What the public may see of the village names, of the district or of a part of it, with all facts of each
    name in the page. Raises NoSuchPartOfMap."""
    district = settings.district()
    day = at or settings.as_of()
    with sessions("public")() as session:
        found = village_names.village_map(session, district=district.code, at=day, within=within)
        part = village_names.name_of_part(session, within, at=day) if within else None
    about = village_map.About(
        district=district.name_en if language == "en" else district.name,
        on=day,
        approval=approval(language),
        language=language,
        links=False,
        part=part,
    )
    return found, about


def public_care(
    *, at: date | None, language: str
) -> tuple[Sequence[Item], Sequence[tuple[str, Any]], About, dict[str, str]]:
    """The facilities of the elderly-care map as the public may see them, outlines, what the map says, townships."""
    district = settings.district()
    day = at or settings.as_of()
    with sessions("public")() as session:
        items = care_items(session, district.code, day)
        units = outlines(session, district.code, day)
        names = care.townships(session, district.code, day)
    about = About(
        district=district.name_en if language == "en" else district.name, on=day, now=care.Moment.now(day).local,
        approval=approval(language), language=language, nearby=None, links=False,
    )  # fmt: skip
    return items, units, about, names


def public_map(
    assets: Assets, *, at: date | None, language: str, name: str = "boundaries", within: str | None = None
) -> MapParts:
    """A map as the public may see it, on a date or on the as-of date."""
    nonce = secrets.token_urlsafe(12)
    if name == "villages":
        return village_map.build(*public_names(at=at, language=language, within=within), assets, nonce)
    if name == "elderly-care":
        items, units, about, names = public_care(at=at, language=language)
        return care_map.build(items, units, names, about, assets, nonce)
    return boundary_map.build(*public_frames(at=at, language=language), assets, nonce)


def write_html(
    out: Path,
    *,
    standalone: bool,
    at: date | None,
    language: str,
    name: str = "boundaries",
    within: str | None = None,
) -> None:
    """Write a map as a page. standalone: everything in the one file; else its scripts and styles are
    copied into a folder beside it."""
    if standalone:
        assets = Assets(inline=True)
    else:
        folder = out.with_name(out.stem + "_files")
        assets = Assets(prefix=f"{folder.name}/", served=False)
    page = public_map(assets, at=at, language=language, name=name, within=within).document()
    if not standalone:
        for entry in VENDOR.values():
            if entry in page:
                (folder / entry).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(STATIC / entry, folder / entry)
    out.write_text(page, encoding="utf-8")


def write_print(
    out: Path,
    *,
    at: date | None,
    language: str,
    size: str = "A3",
    landscape: bool | None = None,
    name: str = "boundaries",
    within: str | None = None,
) -> Sheet:
    """Write a map for paper: a vector PDF, or a PNG of 300 dots an inch up to A3 and 150 above.

    size: A4 to A0; landscape: None lies or stands as the district wants it. Answers the sheet.
    Raises NoSuchPaper, NoChineseFont, NoSuchPartOfMap.
    """
    if name == "villages":
        found, said = public_names(at=at, language=language, within=within)
        made = village_sheet.build(found, said, _paper(size, landscape, village_sheet.extent(found, said)))
    elif name == "elderly-care":
        items, units, about, _ = public_care(at=at, language=language)
        made = care_sheet.build(items, units, about, _paper(size, landscape, care_sheet.extent(items, units)))
    else:
        frames, about = public_frames(at=at, language=language)
        made = boundary_sheet.build(frames, about, _paper(size, landscape, boundary_sheet.extent(frames)))
    out.write_bytes(sheets.pdf(made) if out.suffix.lower() == ".pdf" else sheets.png(made))
    return made


def _paper(size: str, landscape: bool | None, extent: tuple[float, float, float, float]) -> Paper:
    return fitting(size, extent) if landscape is None else paper(size, lying=landscape)
