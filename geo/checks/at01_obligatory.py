"""AT01 必填属性缺失: a field that the law's papers need is absent or empty."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import permutations

from geo.checks import values
from geo.checks.catalogue import CHECKS
from geo.checks.scene import Scene
from geo.checks.unit_codes import System, code_tables
from geo.findings import Hit, Ref
from geo.terms import LineState, Role, Severity
from geo.text import Text

#: Obligatory fields by role, by our name, with what surveyors call them.
OBLIGATORY: dict[Role, dict[str, Text]] = {
    Role.LINES: {
        "code": Text("线号", "line number"),
        "name": Text("界线名称", "line name"),
        "left": Text("左侧乡镇代码", "left township code"),
        "right": Text("右侧乡镇代码", "right township code"),
        "level": Text("界线级别", "line level"),
        "status": Text("勘定状态", "demarcation status"),
    },
    Role.MARKERS: {
        "number": Text("界桩号", "marker number"),
        "line": Text("所属线号", "line number"),
        "kind": Text("界桩类型", "marker type"),
    },
    Role.TRIPOINTS: {
        "number": Text("三交点编号", "tripoint number"),
        "unit1": Text("相邻乡镇代码一", "first township code"),
        "unit2": Text("相邻乡镇代码二", "second township code"),
        "unit3": Text("相邻乡镇代码三", "third township code"),
    },
    Role.POLYGONS: {
        "code": Text("行政区划代码", "division code"),
        "name": Text("政区名称", "division name"),
    },
}

#: Only from 协议签订 on: a line that is still being surveyed has no document yet.
DOCUMENT = Text("依据文号", "document number")
DATE = Text("日期（协议或批准）", "date (agreement or approval)")
SIGNED = frozenset({LineState.AGREEMENT_SIGNED, LineState.SUBMITTED, LineState.SETTLED, LineState.CHANGING})

ABSENT = Text(
    "图层 {0} 缺少必填字段：{1}（{count:.0f} 条记录）",
    "Layer {0} lacks the obligatory field {1} ({count:.0f} records)",
)
ABSENT_REMEDY = Text(
    "若字段名称不同，请在上传页的字段对应中指定；确实没有的，用 ArcGIS 字段计算器、QGIS 属性表或 CASS "
    "附加属性补上 {1} 后重新提交",
    "If the field has another name, set it in the field mapping; if it is missing, add {1} with the field "
    "calculator (ArcGIS, QGIS) or extended attributes (CASS) and submit again",
)
BARE = Text(
    "图层 {0} 有 {count:.0f} 条记录没有属性表，未作属性检查（必填属性、代码、名称、左右政区）",
    "{count:.0f} records of layer {0} have no attribute table: attributes were not checked (obligatory fields, "
    "codes, names, left and right units)",
)
BARE_REMEDY = Text(
    "补齐完整的 .dbf 后重新提交，届时自动检查", "Submit again with the whole .dbf: they are checked then"
)
UNKNOWN_STATE = Text(
    "界线 {0} 的勘定状态“{1}”不是规定的十种状态之一",
    "The status “{1}” of line {0} is none of the ten states",
)
UNKNOWN_STATE_REMEDY = Text(
    "改为：未勘定、准备、外业勘测、走向确认、界桩测定、成果审查、协议签订、报批、已勘定、变更中 之一",
    "Use one of: " + ", ".join(s.value for s in LineState),
)

TWICE = Text(
    "三交点 {0} 的三个单位中 {1} 写了两次，缺一个单位",
    "Tripoint {0} names {1} twice among its three units: one is missing",
)
NOT_OF_NUMBER = Text(
    "三交点 {0} 的单位 {1} 不在它的编号里，编号里的是 {2}",
    "Tripoint {0} names {1} among its units, where its number has {2}",
)
UNITS_REMEDY = Text(
    "对照图上在此相接的三个政区，改正单位代码或三交点编号",
    "Look up the three units that meet here; correct the unit codes or the tripoint's number",
)
#: A tripoint's number that is made of its three units' codes; others say nothing of units.
OF_UNITS = re.compile(r"(\d{9}|\d{6})-(\d{9}|\d{6})-(\d{9}|\d{6})(?!\d)")


@CHECKS.rule(
    code="AT01",
    severity=Severity.ERROR,
    generic=None,
    message=Text("{0} 未填：{1}", "{0} has no value for: {1}"),
    remedy=Text(
        "在 ArcGIS 或 QGIS 属性表、CASS 附加属性中补填 {1}",
        "Fill in {1} in the attribute table (ArcGIS, QGIS) or extended attributes (CASS)",
    ),
    source="行政区域界线管理条例第十三条; docs/checks.md AT01",
)
def obligatory(scene: Scene) -> Iterator[Hit]:
    """Obligatory fields by alias: one hit a layer for a field that is absent or empty throughout, one a
    record for its empty fields. Of records without a row in the attribute table an information says that
    they were not checked. 依据文号 and a date are wanted only from `agreement_signed` on. A tripoint's
    three units are three, and those of its number where that is made of their codes."""
    for role, wanted in OBLIGATORY.items():
        frame = scene.frame(role)
        if len(frame) == 0:
            continue
        bare = scene.bare(role)
        for layer, rows in _by_layer(frame["layer"][bare].tolist()).items():
            yield Hit(
                (Ref(layer),),
                says=(layer,),
                measure={"count": len(rows)},
                severity=Severity.INFO,
                text=BARE,
                remedy=BARE_REMEDY,
            )
        filled = {name: [values.text(v) is not None for v in frame[name].tolist()] for name in wanted}
        papers = _papers(scene) if role is Role.LINES else {}
        for layer, rows in _by_layer(frame["layer"].tolist()).items():
            rows = [i for i in rows if not bare[i]]
            if not rows:
                continue
            absent = [name for name in wanted if not any(filled[name][i] for i in rows)]
            if len(rows) == 1:
                absent = []
            for name in absent:
                yield Hit(
                    (Ref(layer),),
                    says=(layer, wanted[name]),
                    measure={"count": len(rows)},
                    text=ABSENT,
                    remedy=ABSENT_REMEDY,
                    aspect=name,
                )
            present = [name for name in wanted if name not in absent]
            for i in rows:
                missing = [wanted[name] for name in present if not filled[name][i]] + papers.get(i, [])
                if missing:
                    yield _empty(scene, role, i, missing)
    yield from _states(scene)
    yield from _units(scene)


def _by_layer(layers: list[str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for row, layer in enumerate(layers):
        found.setdefault(layer, []).append(row)
    return found


def _papers(scene: Scene) -> dict[int, list[Text]]:
    """What signed lines lack of document and date, by row."""
    names = ("status", "document", "agreement_date", "approval_date")
    found: dict[int, list[Text]] = {}
    rows = zip(*(scene.lines[name].tolist() for name in names), strict=True)
    for row, (status, document, agreement, approval) in enumerate(rows):
        if values.state(status) in SIGNED:
            missing = [] if values.text(document) is not None else [DOCUMENT]
            dated = values.text(agreement) is not None or values.text(approval) is not None
            found[row] = missing if dated else [*missing, DATE]
    return found


def _empty(scene: Scene, role: Role, row: int, missing: list[Text]) -> Hit:
    refs = scene.refs(role, row)
    words = Text("、".join(t.zh for t in missing), ", ".join(t.en for t in missing))
    return Hit(refs, says=(refs[0], words), at=scene.frame(role).geometry.iat[row])


def _states(scene: Scene) -> Iterator[Hit]:
    for i, raw in enumerate(scene.lines["status"].tolist()):
        if values.text(raw) is not None and values.state(raw) is None:
            refs = scene.refs(Role.LINES, i)
            yield Hit(
                refs,
                says=(refs[0], values.text(raw)),
                at=scene.lines.geometry.iat[i],
                severity=Severity.WARNING,
                text=UNKNOWN_STATE,
                remedy=UNKNOWN_STATE_REMEDY,
            )


def _units(scene: Scene) -> Iterator[Hit]:
    """Tripoints whose units are not three different ones, or not those of their number."""
    frame, tables = scene.tripoints, code_tables(scene)
    for i in range(len(frame)):
        units = [
            u for name in ("unit1", "unit2", "unit3") if (u := values.code(frame[name].iat[i])) is not None
        ]
        twice = next((u for u in units if units.count(u) > 1), None)
        number = OF_UNITS.match(values.code(frame["number"].iat[i]) or "")
        refs, at = scene.refs(Role.TRIPOINTS, i), frame.geometry.iat[i]
        if twice is not None:
            yield Hit(refs, says=(refs[0], twice), at=at, text=TWICE, remedy=UNITS_REMEDY)
        elif number is not None and len(units) == 3:
            # The number may be of the other code system than the fields.
            meant = {c: {c, *tables.meanings(c, System.MIXED)} for c in (*units, *number.groups())}
            fitting = any(
                all(meant[u] & meant[n] for u, n in zip(units, order, strict=True))
                for order in permutations(number.groups())
            )
            if not fitting:
                strange = [u for u in units if not any(meant[u] & meant[n] for n in number.groups())] or units
                left = [n for n in number.groups() if not any(meant[u] & meant[n] for u in units)]
                says = (refs[0], "、".join(strange), "、".join(left or number.groups()))
                yield Hit(refs, says=says, at=at, text=NOT_OF_NUMBER, remedy=UNITS_REMEDY)
