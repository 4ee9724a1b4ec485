"""Comparing (比较) two to six facilities side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from geo.facilities.facility import (
    Facility,
    Standing,
    access_text,
    fact_rows,
    mode_name,
    price_text,
    services_text,
)
from geo.problems import BadInput
from geo.text import Text

LEAST, MOST = 2, 6


class NotToCompare(BadInput):
    code = "not-to-compare"
    title = Text("请选择 2 到 6 处设施进行比较", "Choose two to six facilities to compare")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the comparison. differs: whether the facilities are not all the same in it."""

    label: Text
    values: tuple[Text | None, ...]

    @property
    def differs(self) -> bool:
        return len({None if v is None else v.zh for v in self.values}) > 1


def compare(
    facilities: Sequence[Facility], standings: Sequence[Standing], minutes: Sequence[float | None] = ()
) -> list[Row]:
    """The rows that at least one facility says something in. minutes: on foot there and back, where known.

    Raises NotToCompare for fewer than two, more than six, or the same one twice.
    """
    if not LEAST <= len(facilities) <= MOST or len({f.number for f in facilities}) < len(facilities):
        raise NotToCompare()

    def number(value: int | None) -> Text | None:
        return None if value is None else Text(str(value), str(value))

    plain: list[tuple[Text, Callable[[Facility, Standing], Text | None]]] = [
        (Text("类别", "Kind"), lambda f, s: f.of.name),
        (Text("模式", "Mode"), lambda f, s: mode_name(f)),
        (Text("现在", "Now"), lambda f, s: s.open.says),
        (Text("开放时间", "Hours"), lambda f, s: s.hours),
        (Text("价格", "Price"), lambda f, s: price_text(f)),
        (Text("服务", "Services"), lambda f, s: services_text(f)),
        (Text("床位", "Beds"), lambda f, s: number(f.beds)),
        (Text("护理型床位", "Nursing beds"), lambda f, s: number(f.nursing_beds)),
        (Text("空床", "Vacancies"), lambda f, s: number(s.vacancies)),
        (Text("无障碍", "Access"), lambda f, s: access_text(f)),
        (
            Text("地址", "Address"),
            lambda f, s: None if not f.placed or not f.address else Text(f.address, f.address),
        ),
        (Text("电话", "Phone"), lambda f, s: Text(f.phone, f.phone) if f.phone else None),
    ]
    rows = []
    if any(m is not None for m in minutes):
        says = [None if m is None else Text(f"{m:.0f} 分钟", f"{m:.0f} min") for m in minutes]
        rows.append(Row(Text("步行（往返取长）", "On foot, the longer way"), tuple(says)))
    rows += [
        Row(label, tuple(get(f, s) for f, s in zip(facilities, standings, strict=True)))
        for label, get in plain
    ]
    further: dict[str, tuple[Text, dict[int, Text]]] = {}
    for i, f in enumerate(facilities):
        for label, value in fact_rows(f):
            further.setdefault(label.zh, (label, {}))[1][i] = value
    rows += [
        Row(label, tuple(values.get(i) for i in range(len(facilities)))) for label, values in further.values()
    ]
    return [r for r in rows if any(v is not None for v in r.values)]
