"""Supply against demand (供需): beds, nursing beds, canteens and tiers beside the residents 60+."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Supply:
    """What a township has. Each part is shown apart, since what counts as a bed is not settled."""

    code: str
    name: str
    elders: float
    institutions: int
    institution_beds: int
    nursing_beds: int
    community_beds: int
    home_beds: int
    canteens: int
    centres: int
    stations: int
    communities: int

    @property
    def beds_per_thousand(self) -> float | None:
        """每千名老年人床位数 of institutions and communities; home-care beds are stated apart."""
        beds = self.institution_beds + self.community_beds
        return beds / self.elders * 1000 if self.elders > 0 else None

    @property
    def nursing_share(self) -> float | None:
        """护理型床位占比 of institutions' beds."""
        return self.nursing_beds / self.institution_beds if self.institution_beds else None


@dataclass(frozen=True, slots=True)
class Held:
    """A facility as supply: kind, unit, beds."""

    kind: str
    unit: str
    beds: int
    nursing_beds: int


#: 街道（乡镇）养老服务中心 and 社区养老服务站、村级互助养老点: the two tiers.
CENTRES, STATIONS, CANTEENS = ("E02", "E04"), ("E03", "E05"), ("E06", "E07")


def supply(
    townships: Mapping[str, str],
    elders: Mapping[str, float],
    communities: Mapping[str, int],
    facilities: Iterable[Held],
    home_beds: Mapping[str, int],
) -> list[Supply]:
    """Supply of every township, in the order given. elders, communities, home_beds: by township."""
    held: dict[str, list[Held]] = {}
    for f in facilities:
        held.setdefault(f.unit[:9], []).append(f)
    out = []
    for code, name in townships.items():
        own = held.get(code, [])
        homes = [f for f in own if f.kind == "E01"]
        out.append(
            Supply(
                code, name, elders.get(code, 0.0), len(homes), sum(f.beds for f in homes),
                sum(f.nursing_beds for f in homes), sum(f.beds for f in own if f.kind != "E01"),
                home_beds.get(code, 0), sum(f.kind in CANTEENS for f in own),
                sum(f.kind in CENTRES for f in own), len({f.unit for f in own if f.kind in STATIONS and len(f.unit) == 12}),
                communities.get(code, 0),
            )
        )  # fmt: skip
    return out
