"""MK01 界桩编号: a marker's number of the wrong form, given twice, or at odds with its other fields."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import shapely

from geo.checks import values
from geo.checks.catalogue import CHECKS
from geo.checks.numbers import Marker, grouped, markers
from geo.checks.scene import Scene
from geo.findings import Hit
from geo.terms import MarkerKind, Profile, Role, Severity
from geo.text import Text

TWICE = Text("界桩号 {0} 用了 {count:.0f} 次", "Marker number {0} is used {count:.0f} times")
TWICE_REMEDY = Text(
    "编号须唯一：删去重复的记录，或给其中一个界桩新的顺序号；同号双立、三立用 A/B、C/D/E 区分",
    "A number is unique: delete the record that is there twice, or give one marker another serial; tell "
    "twins and triples apart by A/B and C/D/E",
)
OTHER_LINE = Text(
    "界桩号 {0} 中的线号 {1} 与线号字段 {2} 不同",
    "The line {1} in marker number {0} is not that of its field, {2}",
)
OTHER_KIND = Text(
    "界桩号 {0} 末位类型 {1} 与类型字段“{2}”不同",
    "The type {1} at the end of marker number {0} is not that of its field, “{2}”",
)
ODDS_REMEDY = Text(
    "核对登记表，改正编号或该字段", "Look it up in the registration form; correct the number or the field"
)
ZERO = Text(
    "界桩号 {0} 的顺序号是 000，应从 001 起", "The serial of marker number {0} is 000; serials begin at 001"
)
MIXED_KINDS = Text(
    "线 {1} 的顺序号 {2} 既用于 {3} 又用于 {4} 型界桩：{0}",
    "Serial {2} of line {1} is used for markers of types {3} and {4}: {0}",
)
MIXED_REMEDY = Text(
    "同一顺序号只能是一个单立（Q），或一组双立（A、B），或一组三立（C、D、E）；改正类型或另编顺序号",
    "One serial is either a single (Q), a pair (A, B) or three (C, D, E); correct the type or give another serial",
)
NONE_FITS = Text(
    "图层 {1} 的 {count:.0f} 个界桩号都不符合规定格式，例如 {0}",
    "None of the {count:.0f} marker numbers of layer {1} has the set form: {0} …",
)
NONE_FITS_REMEDY = Text(
    "先核对“界桩号”对应的字段是否选对；选对了，按“线号+3 位顺序号+类型”重编，例如 500112138-500112140001Q",
    "See first whether the right field is taken for the number; if it is, number the markers as line + serial of "
    "3 digits + type, such as 500112138-500112140001Q",
)
#: Types that may share a serial.
GROUPS = {"Q": "Q", "A": "AB", "B": "AB", "C": "CDE", "D": "CDE", "E": "CDE"}


@CHECKS.rule(
    code="MK01",
    severity=Severity.ERROR,
    generic=Severity.WARNING,
    message=Text(
        "界桩号 {0} 不符合规定格式（线号 + 3 位顺序号 + 1 位类型 Q/A/B/C/D/E）",
        "Marker number {0} has not the set form (line number + serial of 3 digits + type Q/A/B/C/D/E)",
    ),
    remedy=Text(
        "按“线号+顺序号+类型”重编，例如 500112138-500112140001Q；本地习惯的编号可放在另一个字段",
        "Number it as line + serial + type, such as 500112138-500112140001Q; a local number may stand in "
        "another field",
    ),
    source="GB/T 17796-2009; DB50/T 1621-2024 附录 C（原文未见 not seen）",
)
def number(scene: Scene) -> Iterator[Hit]:
    """Form, uniqueness, and agreement of number, line and type.

    In profile generic only a layer that has at least one number of the form is taken for a marker
    table at all.
    """
    found = list(markers(scene))
    if scene.profile is Profile.GENERIC:
        layers = [ref.layer for ref in scene.refs(Role.MARKERS, *range(len(found)))]
        tables = {layer for layer, marker in zip(layers, found, strict=True) if marker.own.fits}
        found = [marker for layer, marker in zip(layers, found, strict=True) if layer in tables]
    numbered = [marker for marker in found if marker.number is not None]
    if not numbered:
        return
    fields = {name: scene.markers[name].tolist() for name in ("line", "kind")}
    for marker in numbered:
        if marker.own.fits:
            yield from _one(scene, marker, fields["line"][marker.row], fields["kind"][marker.row])
    yield from _misfits(scene, numbered)
    for text, group in grouped(numbered, lambda m: m.number):
        if len(group) > 1:
            yield _several(scene, group, (text,), TWICE, TWICE_REMEDY)
    fitting = [marker for marker in numbered if marker.own.fits]
    for (line, serial), group in grouped(fitting, lambda m: (m.own.line, m.own.serial)):
        kinds = sorted({GROUPS[m.own.kind.value] for m in group if m.own.kind is not None})
        if len(kinds) > 1:
            numbers = "、".join(dict.fromkeys(str(m.number) for m in group))
            says = (numbers, line, f"{serial:03d}", kinds[0], kinds[1])
            yield _several(scene, group, says, MIXED_KINDS, MIXED_REMEDY)


def _misfits(scene: Scene, numbered: list[Marker]) -> Iterator[Hit]:
    """Numbers of another form: one hit a number, or one for a layer where none has the form."""
    for layer, rows in grouped(numbered, lambda m: scene.refs(Role.MARKERS, m.row)[0].layer):
        wrong = [m for m in rows if not m.own.fits]
        if len(wrong) > 2 and len(wrong) == len(rows):
            shown = "、".join(list(dict.fromkeys(str(m.number) for m in wrong))[:3])
            yield _several(scene, wrong, (shown, layer), NONE_FITS, NONE_FITS_REMEDY)
            continue
        for text, group in grouped(wrong, lambda m: m.number):
            refs = scene.refs(Role.MARKERS, *(m.row for m in group))
            place = shapely.union_all(scene.shapes(Role.MARKERS)[[m.row for m in group]])
            yield Hit(refs, says=(text,), at=place)


def _one(scene: Scene, marker: Marker, raw_line: Any, raw_kind: Any) -> Iterator[Hit]:
    own = marker.own

    def hit(says: tuple[object, ...], text: Text | None = None, remedy: Text | None = None) -> Hit:
        at = scene.markers.geometry.iat[marker.row]
        return Hit(scene.refs(Role.MARKERS, marker.row), says=says, at=at, text=text, remedy=remedy)

    if own.serial == 0:
        yield hit((own.text,), ZERO)
    line = values.code(raw_line)
    if line is not None and own.line is not None and line != own.line:
        yield hit((own.text, own.line, line), OTHER_LINE, ODDS_REMEDY)
    words = values.text(raw_kind)
    if own.kind is not None and _disagree(own.kind, values.kind(raw_kind), words):
        yield hit((own.text, own.kind.value, words), OTHER_KIND, ODDS_REMEDY)


def _disagree(of_number: MarkerKind, of_field: MarkerKind | None, words: str | None) -> bool:
    if of_field is not None:
        return of_field is not of_number
    # 双立 or 三立 without a letter: the number's letter has to be of that group.
    if words is None:
        return False
    group = GROUPS[of_number.value]
    return ("双" in words and group != "AB") or ("三立" in words and group != "CDE")


def _several(scene: Scene, group: list[Marker], says: tuple[object, ...], text: Text, remedy: Text) -> Hit:
    rows = [marker.row for marker in group]
    return Hit(
        scene.refs(Role.MARKERS, *rows),
        says=says,
        measure={"count": len(rows)},
        at=shapely.union_all(scene.shapes(Role.MARKERS)[rows]),
        text=text,
        remedy=remedy,
    )
