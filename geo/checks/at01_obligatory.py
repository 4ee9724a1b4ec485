"""AT01 必填属性缺失: a field that the law's papers need is absent or empty."""

from __future__ import annotations

from collections.abc import Iterator

from geo.checks import values
from geo.checks.catalogue import CHECKS
from geo.checks.scene import Scene
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


@CHECKS.rule(
    code="AT01",
    severity=Severity.ERROR,
    generic=None,
    message=Text("{0} 未填：{1}", "{0} has no value for: {1}"),
    remedy=Text(
        "在 ArcGIS 或 QGIS 属性表、CASS 附加属性中补填 {1}",
        "Fill in {1} in the attribute table (ArcGIS, QGIS) or extended attributes (CASS)",
    ),
    source="行政区域界线管理条例 art. 13; docs/checks.md AT01",
)
def obligatory(scene: Scene) -> Iterator[Hit]:
    """Obligatory fields by alias: one hit a layer for a field that is absent or empty throughout, one a
    record for its empty fields. Of records without a row in the attribute table an information says that
    they were not checked. 依据文号 and a date are wanted only from `agreement_signed` on."""
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
                )
            present = [name for name in wanted if name not in absent]
            for i in rows:
                missing = [wanted[name] for name in present if not filled[name][i]] + papers.get(i, [])
                if missing:
                    yield _empty(scene, role, i, missing)
    yield from _states(scene)


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
