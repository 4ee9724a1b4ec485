"""Recognise (图层识别): what each layer holds and which of its fields are ours, by geometry and names.

Synonyms: data/boundaries/fields.csv (Chinese, pinyin, initials, English). A name of ten bytes also
stands for the longer synonyms that it is the beginning of, cut within a hanzi or not.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.boundaries.unit_names import simplified
from geo.reading import linear_features
from geo.reading.layers import ReadOptions
from geo.settings import DATA
from geo.terms import Profile, Role
from geo.text import Text

_LAYER_NAMES: tuple[tuple[Role, re.Pattern[str]], ...] = (
    (
        Role.TRIPOINTS,
        re.compile(r"三交点|三叉点|tri[-_ ]?(point|junction)|sanjiaodian|(^|[_\W])sjd", re.IGNORECASE),
    ),
    (
        Role.MARKERS,
        re.compile(r"界桩|界碑|桩|marker|monument|pillar|jiezhuang|(^|[_\W])jz(?![a-wy-z])", re.IGNORECASE),
    ),
    (
        Role.LINES,
        re.compile(r"界线|边界线|乡镇界|镇界|线|line|jiexian|bound|(^|[_\W])jx(?![a-z])", re.IGNORECASE),
    ),
    (Role.POLYGONS, re.compile(r"政区|区划|乡镇|街道|面|polygon|area|unit|town|xzq|zhengqu", re.IGNORECASE)),
)
_DIMENSION = {0: (Role.MARKERS, Role.TRIPOINTS), 1: (Role.LINES,), 2: (Role.POLYGONS,)}
_WHY = {
    Role.LINES: Text("线", "lines"),
    Role.MARKERS: Text("点", "points"),
    Role.TRIPOINTS: Text("点", "points"),
    Role.POLYGONS: Text("面", "polygons"),
}


def plain(name: str) -> str:
    """A field name without case, blanks, underscores, brackets and dashes, in simplified characters and
    half-width letters (界樁號, ＩＤ); 座标 is 坐标."""
    bare = re.sub(r"[\s_\-./（）()\[\]【】:：]", "", name)
    if not bare.isascii():
        bare = simplified(unicodedata.normalize("NFKC", bare)).replace("座标", "坐标")
    return bare.casefold()


@cache
def synonyms() -> Mapping[Role, Mapping[str, tuple[str, ...]]]:
    """data/boundaries/fields.csv: by role, our name -> synonyms, the likeliest first."""
    table: dict[Role, dict[str, tuple[str, ...]]] = {}
    with (DATA / "boundaries" / "fields.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            table.setdefault(Role(row["role"]), {})[row["name"]] = tuple(row["synonyms"].split(";"))
    return table


def cut(name: str, codec: str, width: int = 10) -> str:
    """A field name as a .dbf of this encoding keeps it: its first ten bytes, less a hanzi cut in two."""
    return name.encode(codec, errors="ignore")[:width].decode(codec, errors="ignore")


@cache
def _lookup(role: Role) -> tuple[Mapping[str, tuple[str, int]], Mapping[str, tuple[str, int]]]:
    """plain synonym -> (our name, rank); and the same for names cut at ten bytes, where unambiguous."""
    whole: dict[str, tuple[str, int]] = {}
    short: dict[str, tuple[str, int]] = {}
    clash: set[str] = set()
    for ours, names in synonyms()[role].items():
        for rank, name in enumerate((*names, ours)):
            whole.setdefault(plain(name), (ours, rank))
            for codec in ("utf-8", "gb18030"):
                part = plain(cut(name, codec))
                if part != plain(name) and short.setdefault(part, (ours, rank))[0] != ours:
                    clash.add(part)
    return whole, {k: v for k, v in short.items() if k not in whole and k not in clash}


@cache
def _alike(role: Role) -> Mapping[str, tuple[str, ...]]:
    """Names that are cut to the same -> ours, in the order in which a table has them: 乡镇代码1 to 乡镇代码3 are all
    乡镇代 in UTF-8, 行政区划代码 and 行政区划名称 both 行政区."""
    found: dict[str, dict[str, None]] = {}
    for ours, names in synonyms()[role].items():
        for name in names:
            for codec in ("utf-8", "gb18030"):
                if not name.isascii() and (part := plain(cut(name, codec))) != plain(name):
                    found.setdefault(part, {}).setdefault(ours)
    orders = (("code", "name"), ("unit1", "unit2", "unit3"))
    return {part: tuple(ours) for part, ours in found.items() if tuple(ours) in orders}


def _counted(role: Role, fields: Sequence[str]) -> dict[str, str]:
    """Our name -> field, for fields that were cut to the same name and then told apart by a number, as GDAL does
    in their order: 乡镇代, 乡镇_1, 乡镇_2."""
    for name in fields:
        ours = _alike(role).get(plain(name), ())
        after: dict[int, str] = {}
        for other in fields:
            ends = re.fullmatch(r"(.{2,}?)_?(\d{1,2})", other)
            if ends and name.startswith(ends[1]):
                after.setdefault(int(ends[2]), other)
        if ours and len(after) == len(ours) - 1:
            return dict(zip(ours, [name, *(after[number] for number in sorted(after))], strict=True))
    return {}


def map_fields(role: Role, fields: Sequence[str]) -> dict[str, str]:
    """Our name -> field of the file, each field once, the likeliest synonym first.

    A name with a number that a program added (`name_1`, `name2`) counts where the bare one is absent;
    one letter wrong in a name of six or more counts where nothing else fits and only one of ours is near.
    """
    whole, short = _lookup(role)
    scored: list[tuple[int, int, str, str]] = []
    for position, name in enumerate(fields):
        key = plain(name)
        bare = re.sub(r"(?<=[^\d])\d{1,2}$", "", key)
        for weight, table, word in ((0, whole, key), (100, short, key), (200, whole, bare)):
            if word in table:
                ours, rank = table[word]
                scored.append((weight + rank, position, ours, name))
                break
        else:
            ours_near = {whole[s][0] for s in whole if len(s) >= 6 and len(key) >= 6 and _one_apart(s, key)}
            if len(ours_near) == 1:
                scored.append((300, position, ours_near.pop(), name))
    mapping: dict[str, str] = _counted(role, fields)
    for _, _, ours, name in sorted(scored):
        if ours not in mapping and name not in mapping.values():
            mapping[ours] = name
    order = list(synonyms()[role])
    return {ours: mapping[ours] for ours in order if ours in mapping}


def _one_apart(a: str, b: str) -> bool:
    """Whether two words differ by one letter changed, put in or left out."""
    if abs(len(a) - len(b)) > 1:
        return False
    if len(a) == len(b):
        return sum(x != y for x, y in zip(a, b, strict=True)) == 1
    long, shorter = (a, b) if len(a) > len(b) else (b, a)
    return any(long[:i] + long[i + 1 :] == shorter for i in range(len(long)))


def fields_of(layer: str, role: Role | None, names: Sequence[str], options: ReadOptions) -> dict[str, str]:
    """The mapping of a layer: what a person set, what the firm used before, then synonyms."""
    mapping = map_fields(role, names) if role is not None else {}
    remembered = options.remembered.get(tuple(sorted(names)), {})
    for chosen in (remembered, options.fields.get(layer, {})):
        for ours, theirs in chosen.items():
            mapping = {k: v for k, v in mapping.items() if v != theirs or not theirs}
            if theirs in names:
                mapping[ours] = theirs
            elif not theirs:
                mapping.pop(ours, None)
    return mapping


def role_of(
    layer: str,
    geometry: NDArray[np.object_],
    declared: str,
    names: Sequence[str],
    options: ReadOptions,
    *,
    boundaries: bool = False,
) -> tuple[Role | None, Text]:
    """What a layer holds, and why.

    geometry: (n,) as read; declared: the type that the file states. boundaries: whether another layer looks
    like boundary lines. None where a collection or points in bundles say nothing by themselves, and for
    lines of roads and rivers in an upload of township boundaries; by itself every file of lines is looked at
    as lines.
    """
    if layer in options.roles:
        return options.roles[layer], Text("由用户指定", "Chosen by a person")
    if options.role is not None:
        return options.role, Text("由用户指定", "Chosen by a person")
    dimension = commonest(geometry, declared)
    if dimension is None:
        return None, Text("几何类型不能说明用途", "The geometry type does not tell")
    possible = _DIMENSION[dimension]
    if dimension == 0 and options.profile is Profile.GENERIC and _bundled(geometry):
        return None, Text("多点要素，用途不明", "Multipoints: the role is open")
    if dimension == 1 and options.profile is Profile.TOWNSHIP:
        ours = linear_features.OBLIGATORY.intersection(map_fields(Role.LINES, names))
        other = linear_features.not_boundary(layer, names, ours, others=boundaries)
        if other is not None:
            return None, other
    role = possible[0]
    why = Text(f"几何是{_WHY[role].zh}", f"The geometry is {_WHY[role].en}")
    if len(possible) > 1:
        named = next((r for r, pattern in _LAYER_NAMES if pattern.search(simplified(layer))), None)
        units = {"unit1", "unit2", "unit3"} & set(map_fields(Role.TRIPOINTS, names))
        if named is Role.TRIPOINTS or (len(units) >= 2 and named is not Role.MARKERS):
            role = Role.TRIPOINTS
            why = Text(
                "点图层，图层名或字段说明是三交点",
                "Points, and the layer's name or fields speak of tripoints",
            )
        elif named is Role.MARKERS:
            why = Text("点图层，图层名说明是界桩", "Points, and the layer's name speaks of markers")
    return role, why


def of_boundaries(
    layer: str, geometry: NDArray[np.object_], declared: str, names: Sequence[str], options: ReadOptions
) -> bool:
    """Whether a layer is by a person's word, its name or its fields of boundary lines."""
    if layer in options.roles:
        return options.roles[layer] is Role.LINES
    ours = linear_features.OBLIGATORY.intersection(map_fields(Role.LINES, names))
    return commonest(geometry, declared) == 1 and linear_features.boundary(layer, names, ours)


def commonest(geometry: NDArray[np.object_], declared: str) -> int | None:
    """The dimension that most rows have; of an empty layer that of its stated type; None for collections."""
    kinds = shapely.get_type_id(geometry)
    plain_kinds = kinds[(kinds >= 0) & (kinds != 7)]
    if len(plain_kinds):
        return int(np.bincount(np.array([0, 1, 1, 2, 0, 1, 2])[plain_kinds]).argmax())
    if (kinds == 7).any():
        return None
    bare = declared.casefold()
    for word, dimension in (("point", 0), ("line", 1), ("polygon", 2)):
        if word in bare:
            return dimension
    return None


def _bundled(geometry: NDArray[np.object_]) -> bool:
    return bool((shapely.get_type_id(geometry) == 4).any())
