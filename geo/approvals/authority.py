"""批准权限: which body approves a name of which category, who is asked first, who announces and who keeps the papers.

The table is data/approvals/authority.csv, keyed by category, extent, action and dates. A row that rests on a text that was
not seen says `sure = no`: the administration confirms or changes it.
Source: 《地名管理条例》第十二至十四条; 《行政区划管理条例》第七、九、十条.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from geo.approvals import rows
from geo.names import words
from geo.names.categories import Category
from geo.problems import Conflict
from geo.settings import DistrictSettings
from geo.terms import APPLICATION_ACTION_NAMES, ApplicationAction
from geo.text import Text


class Route(StrEnum):
    """办理方式. consult: another body decides and asks here first; file: it only files here."""

    DECIDE = "decide"
    CONSULT = "consult"
    FILE = "file"


ROUTE_NAMES: dict[Route, Text] = {
    Route.DECIDE: Text("本级决定", "Decided here"),
    Route.CONSULT: Text("本级出具意见，由批准机关决定", "An opinion is given here; another body decides"),
    Route.FILE: Text("由批准机关决定，本级备案", "Another body decides; filed here"),
}


class Extent(StrEnum):
    """所跨范围: inside one district, across districts of one province, across provinces or of national fame."""

    DISTRICT = "district"
    ACROSS = "across"
    NATION = "nation"


EXTENT_NAMES: dict[Extent, Text] = {
    Extent.DISTRICT: Text("本区县以内", "Inside one district"),
    Extent.ACROSS: Text("跨区县", "Across districts"),
    Extent.NATION: Text("跨省级行政区域或全国著名", "Across provinces, or of national fame"),
}


class ApproverKind(StrEnum):
    """批准机关的性质: it decides from when the announcement's days run (条例第十四条)."""

    GOVERNMENT = "government"
    AUTHORITY = "authority"
    DEPARTMENT = "department"


class NoAuthority(Conflict):
    """The table names no approving body."""

    code = "no-authority"
    title = Text(
        "批准权限表没有“{category}·{action}”在 {on} 的批准机关，请管理员补充 data/approvals/authority.csv",
        "The table of authorities names no approving body for {category}, {action} on {on}; the administrator adds it",
    )


@dataclass(frozen=True, slots=True)
class Authority:
    """One row of the table, with the names of the district in it.

    consults: who must be asked before the decision. files_with: 备案 receiver, None where the row names none.
    sure: whether the row rests on a text that was seen.
    """

    route: Route
    kind: ApproverKind
    body: Text
    consults: Text
    announcer: Text
    announced_here: bool
    files_with: Text | None
    sure: bool
    source: str
    note: str


def authority_name(district: DistrictSettings) -> str:
    """本级地名主管部门."""
    return f"{district.name}民政局"


def province_of(district: DistrictSettings) -> str:
    """The name of the province-level unit; its code where that is not in the list of divisions."""
    code = district.code[:2]
    return next((name for name, codes in words.divisions().items() if code in codes), code)


def authority_for(
    category: Category, action: ApplicationAction, extent: Extent, on: date, district: DistrictSettings
) -> Authority:
    """Who approves, on a day. Raises NoAuthority."""
    row = rows.nearest(rows.read("authority.csv"), on, category=category, action=action, extent=extent)
    if row is None:
        raise NoAuthority(category=category.value, action=APPLICATION_ACTION_NAMES[action], on=on)
    names = {
        "district": district.name, "district_en": district.name_en, "province": province_of(district),
        "authority": authority_name(district),
    }  # fmt: skip

    def said(key: str) -> Text | None:
        return Text(row[key].format(**names), row[f"{key}_en"].format(**names)) if row[key] else None

    body, announcer = said("body"), said("announcer")
    assert body is not None and announcer is not None, row
    return Authority(
        route=Route(row["route"]),
        kind=ApproverKind(row["approver_kind"]),
        body=body,
        consults=said("consults") or Text("", ""),
        announcer=announcer,
        announced_here=row["announcer"] == "{authority}",
        files_with=said("files_with"),
        sure=row["sure"] == "yes",
        source=row["source"],
        note=row["note"],
    )
