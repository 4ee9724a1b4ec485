"""AT02 乡镇代码不存在: a township code that is no unit of the district on the as-of date."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

import shapely

from geo.checks import values
from geo.checks.at01_obligatory import OBLIGATORY
from geo.checks.catalogue import CHECKS
from geo.checks.county import above_township
from geo.checks.coverage import coverage
from geo.checks.scene import Scene
from geo.checks.unit_codes import CODE_COLUMNS, CodeTables, CodeUse, System, code_tables, code_uses, systems
from geo.checks.unit_keys import unit_keys
from geo.findings import Hit, Ref
from geo.terms import Role, Severity
from geo.text import Text

NOT_NINE = Text("{0} 的{1}“{2}”不是 9 位数字代码", "{0}: the {1} “{2}” is not a code of nine digits")
NOT_NINE_REMEDY = Text(
    "改为 9 位乡级代码（6 位区县代码 + 3 位乡镇代码）；末尾多出的 000 去掉；字段设为文本型，以免丢位",
    "Use the nine-digit township code (six of the county, three of the township); drop a trailing 000; "
    "keep the field as text so that no digit is lost",
)
WHICH = {
    System.CIVIL: Text("民政代码", "civil-affairs codes"),
    System.STATISTICAL: Text("统计代码", "statistical codes"),
    System.OTHER: Text(
        "本区登记的另一套代码（可能是民政代码，未核实）",
        "codes of the district's further list (possibly civil-affairs codes, not verified)",
    ),
    System.EITHER: Text(
        "民政代码（与统计代码前 9 位相同）",
        "civil-affairs codes (the same as the statistical table's nine digits)",
    ),
    System.MIXED: Text("两套代码混用的编号", "a mixture of two code systems"),
}
USES = Text(
    "图层 {0} 使用{1}（共 {count:.0f} 个，按 {2} 的区划核对）",
    "Layer {0} uses {1} ({count:.0f} of them, read as of {2})",
)
USES_REMEDY = Text("无需修改，请确认是否与本意一致", "Nothing to mend; make sure that this is what you mean")
MIXED_REMEDY = Text(
    "同一图层只用一种代码，建议统一为民政代码",
    "Use one system in a layer, preferably the civil-affairs codes",
)
NO_TABLE = Text(
    "没有 {0} 的区划代码表，未核对乡镇代码", "No table of units as of {0}: township codes were not checked"
)
NO_TABLE_REMEDY = Text(
    "在配置了区划表的系统中再检查一次，或用 YUDI_AS_OF 指定该区存在的日期",
    "Check again where the district's units are known, or set YUDI_AS_OF to a date on which it existed",
)
OUTSIDE = Text(
    "界线 {0} 的一侧“{2}”不在本区，请由毗邻区县核对",
    "One side of line {0}, “{2}”, is outside this district: the neighbouring county has to check it",
)
OUTSIDE_TRIPOINT = Text(
    "三交点 {0} 的一个单位“{2}”不在本区，请由毗邻区县核对",
    "One of the units at tripoint {0}, “{2}”, is outside this district: the neighbouring county has to check it",
)
OUTSIDE_REMEDY = Text(
    "县级以上界线的外侧单位用对方的 6 位或 9 位代码，提交前与对方核对",
    "On a county line, give the other side's six- or nine-digit code as agreed with it",
)
ELSEWHERE = Text(
    "{0} 的代码 {1} 是{2}，但图形是 {3}{4} 的范围",
    "{0}: code {1} is {2}, but the polygon is that of {3} {4}",
)
ELSEWHERE_REMEDY = Text(
    "对照已公布的政区图核对：属性写错的改正代码和名称，图形放错的换回本单位的面",
    "Compare the published map: correct code and name where the attributes are wrong, or put the unit's own "
    "polygon back",
)


@CHECKS.rule(
    code="AT02",
    severity=Severity.ERROR,
    generic=None,
    message=Text(
        "{0} 的{1}“{2}”在 {3} 不是本区的乡镇代码（民政、统计两表均无）",
        "{0}: the {1} “{2}” is no township of this district on {3}, in neither code table",
    ),
    remedy=Text(
        "对照本区区划代码表改正；若该乡镇已更名或撤并，用截止日期当日有效的代码",
        "Correct it after the district's table of codes; for a township renamed or merged use the code in "
        "force on that date",
    ),
    source="GB/T 2260; GB/T 10114",
)
def unknown_code(scene: Scene) -> Iterator[Hit]:
    """Codes of polygons, of the two sides of lines and of the units at tripoints.

    One information a layer says which table its codes are of. On a county line one side may be a
    unit of another district: that is an information too. A polygon that is another published unit's has
    the wrong code, though the table knows it; where its name is the other unit's as well AT03 says so.
    """
    uses = code_uses(scene)
    if not uses:
        return
    if scene.units is None or len(scene.units.table) == 0:
        layers = tuple(dict.fromkeys(u.ref.layer for u in uses))
        yield Hit(
            tuple(Ref(layer) for layer in layers),
            says=(scene.as_of.isoformat(),),
            severity=Severity.INFO,
            text=NO_TABLE,
            remedy=NO_TABLE_REMEDY,
        )
        return
    tables = code_tables(scene)
    alike: dict[tuple[Role, str, str, str, bool], list[CodeUse]] = defaultdict(list)
    for use in uses:
        if not tables.known(use.code) and not _is_own_county(scene, use):
            outside = _may_be_outside(scene, tables, use)
            alike[use.role, use.ref.layer or "", use.column, use.code, outside].append(use)
    for (*_, outside), wrong in alike.items():
        yield _unknown(scene, wrong, outside)
    yield from _elsewhere(scene, tables)
    by_layer: dict[tuple[Role, str], int] = defaultdict(int)
    for use in uses:
        by_layer[use.role, use.ref.layer or ""] += tables.known(use.code)
    for (role, layer), system in systems(uses, tables).items():
        if count := by_layer[role, layer]:
            mixed = system is System.MIXED
            yield Hit(
                (Ref(layer),),
                says=(layer, WHICH[system], scene.as_of.isoformat()),
                measure={"count": count},
                severity=Severity.WARNING if mixed else Severity.INFO,
                text=USES,
                remedy=MIXED_REMEDY if mixed else USES_REMEDY,
            )


def _unknown(scene: Scene, wrong: list[CodeUse], outside: bool) -> Hit:
    """One hit for a code of one column of a layer, with all its records."""
    first = wrong[0]
    refs = tuple(use.ref for use in wrong)
    says = (_first_of(wrong), OBLIGATORY[first.role][first.column], first.code, scene.as_of.isoformat())
    shapes = scene.frame(first.role).geometry.to_numpy()[[use.row for use in wrong]]
    at = shapes[0] if len(shapes) == 1 else shapely.geometrycollections(shapes)
    hit = Hit(refs, says, at=at, aspect=first.column)
    if outside:
        text = OUTSIDE_TRIPOINT if first.role is Role.TRIPOINTS else OUTSIDE
        return replace(hit, severity=Severity.INFO, text=text, remedy=OUTSIDE_REMEDY)
    if re.fullmatch(r"\d{9}", first.code):
        return hit
    return replace(hit, text=NOT_NINE, remedy=NOT_NINE_REMEDY)


def _elsewhere(scene: Scene, tables: CodeTables) -> Iterator[Hit]:
    cover = coverage(scene)
    stated = unit_keys(scene, Role.POLYGONS, "code")
    for row, there in zip(cover.rows.tolist(), cover.codes, strict=False):
        code = stated[row]
        if code is None or there is None or code == there or not {code, there} <= set(tables.names):
            continue
        name = values.text(scene.polygons["name"].iat[row])
        if name is not None and not tables.is_named(code, name):
            continue
        refs = scene.refs(Role.POLYGONS, row)
        yield Hit(
            refs,
            says=(refs[0], code, tables.names[code], there, tables.names[there]),
            at=scene.polygons.geometry.iat[row],
            text=ELSEWHERE,
            remedy=ELSEWHERE_REMEDY,
        )


def _first_of(wrong: list[CodeUse]) -> Text:
    name, count = str(wrong[0].ref), len(wrong)
    return Text(name, name) if count == 1 else Text(f"{name} 等 {count} 条", f"{name} and {count - 1} more")


def _is_own_county(scene: Scene, use: CodeUse) -> bool:
    """Whether a side of a county line is this district as a whole."""
    return scene.district is not None and use.code == scene.district.code and _above_township(scene, use)


def _may_be_outside(scene: Scene, tables: CodeTables, use: CodeUse) -> bool:
    """Whether a code is the far side of a county line (县级以上界线), or a tripoint's unit beyond the
    district border: of another county, while another code of the record is of this district."""
    own = scene.district.code if scene.district else ""
    if not re.fullmatch(r"\d{6}|\d{9}", use.code) or use.code.startswith(own or "-"):
        return False
    if use.role is Role.POLYGONS or (use.role is Role.LINES and not _above_township(scene, use)):
        return False
    frame = scene.frame(use.role)
    others = [c for c in CODE_COLUMNS[use.role] if c != use.column]
    beside = [values.code(frame[c].iat[use.row]) for c in others]
    return any(code is not None and (code == own or tables.known(code)) for code in beside)


def _above_township(scene: Scene, use: CodeUse) -> bool:
    return use.role is Role.LINES and above_township(scene.lines["level"].iat[use.row])
