"""选址 /facilities/sites: where the next facilities would reach the most residents, for those who plan them."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from api import care
from api.doors import Acting, PublicReading, Reading, district_of, language
from api.pages.facility_words import w
from api.pages.rendering import page, viewing_date
from geo.facilities.kinds import CARE, GROUPS, kinds
from geo.walking.model import PROFILES, Profile

router = APIRouter(include_in_schema=False)

MINUTES = (10, 15, 20, 30)
MOST = 20


@router.get("/facilities/sites")
def show(request: Request, own: Reading, public: PublicReading, actor: Acting) -> Response:
    """The best sites of a number, proved, beside what taking the best one each time would reach."""
    at, district, spoken = viewing_date(request), district_of(request), language(request)
    asked = request.query_params
    group = asked.get("group", "meal")
    group = group if group in CARE else "meal"
    profile = Profile(asked["profile"]) if asked.get("profile") in set(Profile) else Profile.ELDER
    minutes = next((m for m in MINUTES if str(m) == asked.get("minutes")), 15)
    given = asked.get("count", "")
    count = min(int(given[:3]), MOST) if given.isascii() and given.isdigit() and int(given[:3]) else 5
    problem, found = None, None
    try:
        codes = [k.code for k in kinds().values() if k.group == group]
        found = care.sites(own, district.code, at, codes, minutes, profile, count)
    except care.NoStreetsYet as missing:
        problem = missing.text
    above = care.townships(public, district.code, at)
    return page(
        request, "care_sites.html", w=w(spoken), problem=problem, found=found, rows=_rows(found, above), count=count,
        groups=[(g, GROUPS[g]) for g in CARE], group=group, profile=profile.value, profiles=list(PROFILES.items()),
        minutes=minutes, all_minutes=MINUTES, most=MOST, demo=bool(found and found["demo"]),
    )  # fmt: skip


def _rows(found: dict[str, Any] | None, townships: dict[str, str]) -> list[dict[str, Any]]:
    """The sites, each with its township and whether taking the best each time would have come to it too."""
    if found is None:
        return []
    greedy = {site["code"] for site in found["greedy"]}
    return [
        {**site, "township": townships.get(site["code"][:9], ""), "greedy": site["code"] in greedy}
        for site in found["sites"]
    ]
