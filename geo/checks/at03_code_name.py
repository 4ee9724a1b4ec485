"""AT03 代码与名称不符: a code and the name beside it are of two units."""

from __future__ import annotations

import re
from collections.abc import Iterator

from geo.boundaries.unit_names import same_unit_name, specific
from geo.checks import values
from geo.checks.catalogue import CHECKS
from geo.checks.scene import Scene
from geo.checks.unit_codes import CodeTables, System, code_tables, code_uses, systems
from geo.findings import Hit
from geo.terms import Role, Severity
from geo.text import Text

SUFFIX = Text(
    "{0} 的名称“{2}”与代码 {1} 对应的“{3}”通名不同",
    "{0}: the name “{2}” has another generic part than “{3}”, which code {1} is",
)
SUFFIX_REMEDY = Text(
    "按批准文件写全称；撤镇设街道的，代码和名称要一起改",
    "Write the full name after the document of approval; when a town became a sub-district, code and name change together",
)
FORMER = Text(
    "{0} 的名称“{2}”是代码 {1} 的旧名，现名“{3}”", "{0}: “{2}” is a former name of code {1}, now “{3}”"
)
FORMER_REMEDY = Text("改用截止日期当日的标准名称", "Use the standard name on the as-of date")
LINE_NAME = Text(
    "界线 {0} 的名称“{1}”与两侧代码不符：两侧是 {2}",
    "The name “{1}” of line {0} is not that of its two sides, which are {2}",
)
LINE_NAME_REMEDY = Text(
    "核对名称与左、右乡镇代码，改正有误的一项",
    "Check the name against the left and right codes, and correct what is wrong",
)


@CHECKS.rule(
    code="AT03",
    severity=Severity.ERROR,
    generic=None,
    message=Text(
        "{0} 的名称“{2}”与代码 {1} 不符，该代码是“{3}”",
        "{0}: the name “{2}” is not that of code {1}, which is “{3}”",
    ),
    remedy=Text(
        "对照区划代码表改正代码或名称；注意民政代码与统计代码同号不同地",
        "Correct the code or the name after the table of units; the same number can mean another unit in the "
        "civil-affairs and the statistical codes",
    ),
    source="GB/T 10114; docs/checks.md AT03",
)
def code_name(scene: Scene) -> Iterator[Hit]:
    """Polygons' codes against their names, traditional characters and the generic part (镇, 街道) aside.

    Also the two names in a line's name (兴隆—茨竹线), where both are units of the district: a warning.
    """
    if scene.units is None:
        return
    tables = code_tables(scene)
    uses = code_uses(scene)
    by_layer = systems(uses, tables)
    for use in uses:
        if use.name is None:
            continue
        keys = tables.meanings(use.code, by_layer[use.role, use.ref.layer or ""])
        keys = keys or tables.meanings(use.code, System.MIXED)
        if not keys or any(same_unit_name(tables.names[k], use.name) for k in keys):
            continue
        says = (use.ref, use.code, use.name, "、".join(tables.names[k] for k in keys))
        at = scene.frame(use.role).geometry.iat[use.row]
        if any(specific(tables.names[k]) == specific(use.name) for k in keys):
            yield Hit((use.ref,), says, at=at, severity=Severity.WARNING, text=SUFFIX, remedy=SUFFIX_REMEDY)
        elif any(same_unit_name(old, use.name) for k in keys for old in tables.former[k]):
            yield Hit((use.ref,), says, at=at, severity=Severity.WARNING, text=FORMER, remedy=FORMER_REMEDY)
        else:
            yield Hit((use.ref,), says, at=at)
    yield from _line_names(scene, tables, by_layer)


def _line_names(scene: Scene, tables: CodeTables, by_layer: dict[tuple[Role, str], System]) -> Iterator[Hit]:
    known = {specific(name) for names in (tables.names.values(), *tables.former.values()) for name in names}
    frame = scene.lines
    for i, raw in enumerate(frame["name"]):
        named = _pair(values.text(raw))
        codes = [values.code(frame[side].iat[i]) for side in ("left", "right")]
        if named is None or not set(named) <= known or not all(c and tables.known(c) for c in codes):
            continue
        system = by_layer.get((Role.LINES, frame["layer"].iat[i] or ""), System.MIXED)
        keys = [tables.meanings(c or "", system) or tables.meanings(c or "", System.MIXED) for c in codes]
        sides = [{specific(n) for k in ks for n in (tables.names[k], *tables.former[k])} for ks in keys]
        one, other = named
        if (one in sides[0] and other in sides[1]) or (one in sides[1] and other in sides[0]):
            continue
        ref = scene.refs(Role.LINES, i)[0]
        says = (ref, values.text(raw), "、".join(tables.names[k] for ks in keys for k in ks))
        yield Hit(
            (ref,), says, at=frame.geometry.iat[i],
            severity=Severity.WARNING, text=LINE_NAME, remedy=LINE_NAME_REMEDY,
        )  # fmt: skip


def _pair(name: str | None) -> tuple[str, str] | None:
    """The two units in a line's name, 兴隆—茨竹线; None where it has another form."""
    parts = re.split(r"[-‐‑‒–—―－~～至与和、]+", re.sub(r"(边界|界)?线\s*\d*$", "", name or ""))
    return (specific(parts[0]), specific(parts[1])) if len(parts) == 2 and all(parts) else None
