"""Sentences (变化说明) of a difference: what a mayor reads, in both languages."""

from __future__ import annotations

from collections.abc import Mapping

from geo.network.alignment import Change
from geo.network.landmarks import Mark
from geo.text import Text

NOTHING = Text("与现行版本没有差别。", "Nothing differs from the version in force.")

#: Nearer than this a place is "at" its marker, else so many metres from it.
AT_METRES = 100.0


def area(square_metres: float) -> str:
    """1,240 or, of less than ten, 3.25."""
    return f"{square_metres:,.0f}" if square_metres >= 10 else f"{square_metres:.2f}"


def piece(giver: str | None, taker: str | None, square_metres: float, mark: Mark | None) -> Text:
    """Who gains what where: 统景镇 gains 1,240 m² at marker 017, from 大湾镇."""
    where = _where(mark)
    size = area(square_metres)
    if taker is None:
        return Text(
            f"{giver or '（未知）'}在{where.zh}减少 {size} 平方米",
            f"{giver or 'an unknown unit'} loses {size} m² {where.en}",
        )
    if giver is None:
        return Text(f"{taker}在{where.zh}增加 {size} 平方米", f"{taker} gains {size} m² {where.en}")
    return Text(
        f"{taker}在{where.zh}增加 {size} 平方米（自{giver}划入）",
        f"{taker} gains {size} m² {where.en}, from {giver}",
    )


def more(count: int) -> Text:
    """Pieces that are drawn and not told."""
    return Text(f"另有 {count} 处较小的变化，见图", f"{count} smaller pieces more: see the map")


def _where(mark: Mark | None) -> Text:
    if mark is None:
        return Text("图示位置", "at the place shown")
    if mark.metres <= AT_METRES:
        return Text(f" {mark.called} 号界桩处", f"at marker {mark.called}")
    metres = f"{mark.metres:,.0f}"
    return Text(f"距 {mark.called} 号界桩 {metres} 米处", f"{metres} m from marker {mark.called}")


def unit(name: str, gained: float, lost: float) -> Text:
    """A unit's account: gained, lost, and the balance."""
    balance = gained - lost
    more = balance >= 0
    return Text(
        f"{name}：增加 {area(gained)} 平方米，减少 {area(lost)} 平方米，"
        f"净{'增' if more else '减'} {area(abs(balance))} 平方米",
        f"{name}: gains {area(gained)} m², loses {area(lost)} m², "
        f"{'gaining' if more else 'losing'} {area(abs(balance))} m² in all",
    )


_COUNTED = (
    (Change.MOVED_REAL, Text("移动 {0} 个折点", "{0} vertices moved")),
    (Change.MOVED_NOISE, Text("{0} 个折点在测量误差内微动", "{0} moved within survey noise")),
    (Change.INSERTED_OFF, Text("线外新增 {0} 个折点", "{0} inserted off the old line")),
    (Change.INSERTED_ON, Text("原线上加密 {0} 个折点", "{0} inserted on the old line")),
    (Change.DELETED_OFF, Text("删去 {0} 个折点", "{0} deleted")),
    (Change.DELETED_ON, Text("原线上抽稀 {0} 个折点", "{0} on the line taken out")),
)


def line(name: str, counts: Mapping[str, int], largest: float, attributes: bool) -> Text:
    """A line's vertices by what became of them, and the largest displacement."""
    told = [text.fill(counts[change.value]) for change, text in _COUNTED if counts.get(change.value)]
    if not told:
        return Text(f"{name}：图形不变，属性有变", f"{name}: the same course, other attributes")
    real = any(counts.get(c.value) for c in (Change.MOVED_REAL, Change.INSERTED_OFF, Change.DELETED_OFF))
    zh = f"{name}：{'，'.join(t.zh for t in told)}，最大 {largest:.3f} 米"
    en = f"{name}: {', '.join(t.en for t in told)}, {largest:.3f} m at most"
    if not real:
        zh, en = f"{zh}；界线位置不变", f"{en}; the boundary itself does not move"
    if attributes:
        zh, en = f"{zh}；属性有变", f"{en}; attributes changed"
    return Text(zh, en)


def whole_line(name: str, state: str) -> Text:
    """A line that only one version has."""
    if state == "added":
        return Text(f"{name}：新增界线", f"{name}: a new line")
    return Text(f"{name}：不再有此界线", f"{name}: no longer there")


def marker(number: str, state: str, metres: float | None) -> Text:
    """A marker that is new, gone or moved."""
    if state == "moved":
        return Text(f"界桩 {number} 移动 {metres:.3f} 米", f"Marker {number} moved by {metres:.3f} m")
    if state == "added":
        return Text(f"新增界桩 {number}", f"Marker {number} is new")
    return Text(f"界桩 {number} 不再提交", f"Marker {number} is no longer there")
