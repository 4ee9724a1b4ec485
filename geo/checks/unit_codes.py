"""Township codes (乡镇代码) of an upload against the code systems of the district.

The civil-affairs code (民政代码, GB/T 10114) and the statistical code (统计代码) of one township can
differ, and the same nine digits can mean two townships: of 渝北's two lists, 500112009 is 人和街道 in
one and 王家街道 in the other. So a layer's system is decided by what explains all of its codes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from geo.boundaries.unit_names import specific
from geo.checks import values
from geo.checks.derived import per_scene
from geo.checks.scene import Scene, Units
from geo.findings import Ref
from geo.terms import Role

#: The columns of each role that hold a unit's code.
CODE_COLUMNS: dict[Role, tuple[str, ...]] = {
    Role.LINES: ("left", "right"),
    Role.TRIPOINTS: ("unit1", "unit2", "unit3"),
    Role.POLYGONS: ("code",),
}


class System(StrEnum):
    """Which table a layer's codes are of. EITHER: of the first two alike; OTHER: of a further list that
    the district keeps (`other_codes`); MIXED: no one table has them all."""

    CIVIL = "civil"
    STATISTICAL = "statistical"
    OTHER = "other"
    EITHER = "either"
    MIXED = "mixed"


TABLES = (System.CIVIL, System.STATISTICAL, System.OTHER)


@dataclass(frozen=True)
class CodeTables:
    """The tables of a district: names by key (the unit's own code), and keys by code in each system."""

    names: dict[str, str] = field(default_factory=dict)
    former: dict[str, tuple[str, ...]] = field(default_factory=dict)
    keys: dict[System, dict[str, str]] = field(default_factory=lambda: {system: {} for system in TABLES})

    @classmethod
    def of(cls, units: Units) -> CodeTables:
        """Townships alone, by nine digits. A unit without a statistical code has the one code in both."""
        tables = cls()
        for row in units.table.to_dict("records"):
            key = values.code(row["code"])
            if key is None or len(key) != 9:
                continue
            tables.names[key] = values.text(row["name"]) or ""
            tables.former[key] = tuple(row.get("former_names") or ())
            tables.keys[System.CIVIL][key] = key
            tables.keys[System.STATISTICAL][(values.code(row["statistical"]) or key)[:9]] = key
            for other in row.get("other_codes") or ():
                tables.keys[System.OTHER][str(other)] = key
        return tables

    def known(self, code: str) -> bool:
        return any(code in keys for keys in self.keys.values())

    def key(self, code: str, system: System) -> str:
        """The unit's own code that a code of a layer's system means; itself where it is unknown."""
        order = (system, *TABLES) if system in TABLES else TABLES
        return next((self.keys[s][code] for s in order if code in self.keys[s]), code)

    def meanings(self, code: str, system: System) -> list[str]:
        """Keys of the units that a code can mean in a layer's system."""
        if system is System.EITHER:
            system = System.CIVIL
        if system in TABLES:
            return [self.keys[system][code]] if code in self.keys[system] else []
        return list(dict.fromkeys(self.keys[s][code] for s in TABLES if code in self.keys[s]))

    def system_of(self, codes: Iterable[tuple[str, str | None]]) -> System:
        """The system of codes, each with the name that stands beside it where there is one."""
        possible = set(TABLES)
        for code, name in codes:
            fitting = {s for s in TABLES if code in self.keys[s]}
            if name is not None:
                named = {s for s in fitting if self.is_named(self.keys[s][code], name)}
                fitting = named or fitting
            if fitting:
                possible &= fitting
        if {System.CIVIL, System.STATISTICAL} <= possible:
            return System.EITHER
        return next((s for s in TABLES if s in possible), System.MIXED)

    def is_named(self, key: str, name: str) -> bool:
        """Whether the unit has, or had, a name with the same specific part (专名)."""
        wanted = specific(name)
        return any(specific(n) == wanted for n in (self.names[key], *self.former[key]))


@per_scene
def code_tables(scene: Scene) -> CodeTables:
    """The tables of the scene's district; empty where its units are not known."""
    return CodeTables() if scene.units is None else CodeTables.of(scene.units)


@dataclass(frozen=True, slots=True)
class CodeUse:
    """One code in one record: row of the role's frame, column, the code, and the name beside it."""

    role: Role
    row: int
    column: str
    code: str
    name: str | None
    ref: Ref


@per_scene
def code_uses(scene: Scene) -> list[CodeUse]:
    """Every unit code that the scene's records hold, in order of role, column and row."""
    return list(_code_uses(scene))


def _code_uses(scene: Scene) -> Iterator[CodeUse]:
    for role, columns in CODE_COLUMNS.items():
        frame = scene.frame(role)
        refs = scene.refs(role, *range(len(frame)))
        names = frame["name"].tolist() if role is Role.POLYGONS else [None] * len(frame)
        for column in columns:
            for row, raw in enumerate(frame[column].tolist()):
                if (code := values.code(raw)) is not None:
                    yield CodeUse(role, row, column, code, values.text(names[row]), refs[row])


def systems(uses: list[CodeUse], tables: CodeTables) -> dict[tuple[Role, str], System]:
    """The system of each layer, by role and layer name."""
    found: dict[tuple[Role, str], dict[tuple[str, str | None], None]] = {}
    for use in uses:
        found.setdefault((use.role, use.ref.layer or ""), {})[use.code, use.name] = None
    return {layer: tables.system_of(codes) for layer, codes in found.items()}
