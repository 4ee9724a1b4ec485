"""MK01 界桩编号: a marker's number of the wrong form, given twice, or at odds with its other fields."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from geo.checks import values
from geo.checks.catalogue import CHECKS
from geo.checks.numbers import marker_table, parse
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
    source="GB/T 17796-2009 (county and above: 8 places); township form by DB50/T 1621-2024 annex C, not "
    "seen: the pattern is the setting marker_pattern",
)
def number(scene: Scene) -> Iterator[Hit]:
    """Form, uniqueness, and agreement of number, line and type.

    In profile generic only a layer that has at least one number of the form is taken for a marker
    table at all.
    """
    frame = scene.markers
    if len(frame) == 0:
        return
    table = marker_table(scene)
    if scene.profile is Profile.GENERIC:
        fitting = table["fits"].groupby(frame["layer"]).transform("any")
        table = table[fitting]
    numbered = table[table["number"].notna()]
    for i in numbered.index:
        yield from _one(scene, numbered, int(i))
    for text, group in numbered.groupby("number", sort=True):
        if len(group) > 1:
            yield _several(scene, group, (text,), TWICE, TWICE_REMEDY)
    serials = numbered[numbered["fits"]].assign(
        own_line=[parse(n, scene.district).line for n in numbered["number"][numbered["fits"]]],
        group=[
            GROUPS[k.value] if (k := parse(n, scene.district).kind) else ""
            for n in numbered["number"][numbered["fits"]]
        ],
    )
    for (line, serial), group in serials.groupby(["own_line", "serial"], sort=True):
        kinds = sorted(set(group["group"]) - {""})
        if len(kinds) > 1:
            numbers = "、".join(dict.fromkeys(group["number"]))
            says = (numbers, line, f"{int(serial):03d}", kinds[0], kinds[1])
            yield _several(scene, group, says, MIXED_KINDS, MIXED_REMEDY)


def _one(scene: Scene, table: pd.DataFrame, row: int) -> Iterator[Hit]:
    refs, at = scene.refs(Role.MARKERS, row), scene.markers.geometry.iat[row]
    if not table["fits"].at[row]:
        yield Hit(refs, says=(table["number"].at[row],), at=at)
        return
    parsed = parse(table["number"].at[row], scene.district)
    if parsed.serial == 0:
        yield Hit(refs, says=(parsed.text,), at=at, text=ZERO)
    line = values.code(scene.markers["line"].iat[row])
    if line is not None and parsed.line is not None and line != parsed.line:
        yield Hit(refs, says=(parsed.text, parsed.line, line), at=at, text=OTHER_LINE, remedy=ODDS_REMEDY)
    raw = scene.markers["kind"].iat[row]
    kind = values.kind(raw)
    if isinstance(parsed.kind, MarkerKind) and _disagree(parsed.kind, kind, values.text(raw)):
        says = (parsed.text, parsed.kind.value, values.text(raw))
        yield Hit(refs, says=says, at=at, text=OTHER_KIND, remedy=ODDS_REMEDY)


def _disagree(of_number: MarkerKind, of_field: MarkerKind | None, words: str | None) -> bool:
    if of_field is not None:
        return of_field is not of_number
    # 双立 or 三立 without a letter: the number's letter has to be of that group.
    if words is None:
        return False
    group = GROUPS[of_number.value]
    return ("双" in words and group != "AB") or ("三立" in words and group != "CDE")


def _several(scene: Scene, group: pd.DataFrame, says: tuple[object, ...], text: Text, remedy: Text) -> Hit:
    rows = [int(i) for i in group.index]
    return Hit(
        scene.refs(Role.MARKERS, *rows),
        says=says,
        measure={"count": len(rows)},
        at=scene.markers.geometry.iloc[rows].union_all(),
        text=text,
        remedy=remedy,
    )
