"""Datums (大地基准): which family a reference system belongs to, its code, and whether it may be transformed.

PROJ answers silently where it should refuse: from Beijing 1954 or Xian 1980 to CGCS2000 it returns the
input with accuracy -1. Nothing of accuracy below 0 is authorised here, but for WGS 84, which differs from
CGCS2000 by up to decimetres.
"""

from __future__ import annotations

import re
import warnings
from enum import StrEnum
from functools import lru_cache
from typing import Any

import pyproj
from pyproj.exceptions import CRSError, ProjError
from pyproj.transformer import TransformerGroup

from geo.crs.zones import ZONES


class Family(StrEnum):
    """Families that the checks tell apart."""

    CGCS2000 = "CGCS2000"
    WGS84 = "WGS 84"
    XIAN80 = "Xian 1980"
    BEIJING54 = "Beijing 1954"
    CHONGQING = "重庆独立坐标系"
    OTHER = "other"


_CHONGQING = re.compile(r"重庆|chongqing|^cq[\s_\-]?(local|独立|du ?li)|cqdl", re.IGNORECASE)
_LOCAL = re.compile(r"独立坐标|地方坐标|local|independent", re.IGNORECASE)


@lru_cache(maxsize=256)
def parse(text: str) -> pyproj.CRS | None:
    """A system from what a .prj or a person says: WKT of any kind, PROJ string, EPSG code, name.

    Returns None where the text names no system on the Earth (empty, LOCAL_CS, engineering systems).
    Raises CRSError where it cannot be read. Kept by the text: the layers of a file mostly say the same one,
    and PROJ looks the names of an Esri definition up one by one.
    """
    bare = text.strip("\ufeff \t\r\n\x00")
    if not bare or re.match(r"(LOCAL_CS|ENGCRS|ENGINEERINGCRS)\b", bare, re.IGNORECASE):
        return None
    if bare.isdigit():
        bare = f"EPSG:{bare}"
    if re.match(r"[A-Z][A-Z0-9_]*\s*\(", bare, re.IGNORECASE):
        # OGC 01-009 lets WKT stand in round brackets too, PROJ does not.
        pieces = bare.split('"')
        pieces[::2] = [piece.replace("(", "[").replace(")", "]") for piece in pieces[::2]]
        bare = '"'.join(pieces)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        crs = pyproj.CRS.from_user_input(bare)
    crs = horizontal(crs)
    if crs.is_projected:
        _require_usable(crs)
    return crs if crs.is_geographic or crs.is_projected else None


def _require_usable(crs: pyproj.CRS) -> None:
    """Raises CRSError for a projection with parameters that PROJ reads, and refuses to use much later.

    The projection by itself is tried first: the way to the geographic system asks the whole database for
    operations, which takes two hundred times longer.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            pyproj.Proj(crs)
            return
        except (CRSError, ProjError):
            pass  # a method that has no PROJ string may still be known by its name
        try:
            pyproj.Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)
        except ProjError as error:
            raise CRSError(f"a projection that cannot be used: {error}") from None


def horizontal(crs: pyproj.CRS) -> pyproj.CRS:
    """The horizontal 2D part, without the shift that a bound system carries along unasked."""
    for _ in range(4):
        if crs.is_compound:
            crs = crs.sub_crs_list[0]
        elif crs.is_bound and crs.source_crs is not None:
            crs = crs.source_crs
        else:
            break
    if len(crs.axis_info) == 3 and (crs.is_geographic or crs.is_projected):
        return crs.to_2d()
    return crs


def carries_shift(text: str | None) -> bool:
    """Whether a definition brings its own parameters to WGS 84 (TOWGS84, other than zeros)."""
    found = re.search(r"(?:TOWGS84\[|\+towgs84=)([-+0-9.eE, ]+)", text or "", re.IGNORECASE)
    return found is not None and any(float(v) != 0 for v in re.findall(r"[-+]?\d+\.?\d*", found.group(1)))


@lru_cache(maxsize=256)
def code_of(crs: pyproj.CRS) -> int | None:
    """The EPSG code of a system that equals one, names aside; None for a custom system.

    The system itself is asked, not its text written anew: the text of an Esri definition fixes the axis
    order that the definition leaves open, and then equals no code any more.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        code = crs.to_epsg(min_confidence=70)
    if code is not None:
        return int(code)
    if family_of(crs) is Family.CGCS2000 and crs.is_geographic:
        return 4490 if crs.prime_meridian is None or crs.prime_meridian.longitude == 0 else None
    if family_of(crs) is Family.CGCS2000:
        return _zone_code(crs)
    return None


def _zone_code(crs: pyproj.CRS) -> int | None:
    """The zone whose parameters a Gauss-Krüger system has; of 3 and 6 degrees the 3-degree one."""
    operation = crs.coordinate_operation
    method = operation.method_name.lower().replace("_", " ") if operation is not None else ""
    if operation is None or not ("transverse mercator" in method or "gauss" in method):
        return None
    values: dict[str, float] = {p.name.lower().replace("_", " "): float(p.value) for p in operation.params}

    def value(*words: str, default: float) -> float:
        return next((v for k, v in values.items() if any(w in k for w in words)), default)

    if crs.axis_info[0].unit_conversion_factor != 1.0:
        return None
    if abs(value("scale", default=1.0) - 1.0) > 1e-12 or value("latitude of", default=0.0) != 0.0:
        return None
    if value("false northing", default=0.0) != 0.0:
        return None
    meridian = value("longitude of", "central meridian", default=-999.0)
    east = value("false easting", default=-1.0)
    return next((z.epsg for z in ZONES if z.meridian == meridian and z.false_easting == east), None)


@lru_cache(maxsize=256)
def family_of(crs: pyproj.CRS) -> Family:
    """Which family a system is of, by its datum's name and its own. Kept by what the system says: to take it apart
    for its datum takes longer than to read a small layer's numbers."""
    geodetic = crs.geodetic_crs
    datum = geodetic.datum.name if geodetic is not None and geodetic.datum is not None else ""
    names = " ".join((crs.name or "", geodetic.name if geodetic is not None else "", datum)).replace("_", " ")
    if _CHONGQING.search(crs.name or "") or (_LOCAL.search(crs.name or "") and "重庆" in names):
        return Family.CHONGQING
    lowered = names.lower()
    if any(
        w in lowered for w in ("china 2000", "cgcs2000", "cgcs 2000", "china geodetic coordinate system 2000")
    ):
        return Family.CGCS2000
    if any(w in lowered for w in ("xian 1980", "xian1980", "xi'an 1980", "西安")):
        return Family.XIAN80
    if any(w in lowered for w in ("beijing 1954", "beijing1954", "北京")):
        return Family.BEIJING54
    bare = datum.lower().replace("_", " ")
    if any(w in bare for w in ("world geodetic system 1984", "wgs 1984", "wgs84", "wgs 84")):
        return Family.WGS84
    if _LOCAL.search(crs.name or "") and "独立" in names:
        return Family.CHONGQING
    return Family.OTHER


def accuracy_m(crs: pyproj.CRS) -> float:
    """Accuracy in metres of PROJ's best operation to EPSG:4490; below 0 where it has none that is known."""
    return _accuracy(crs.to_wkt())


@lru_cache(maxsize=256)
def _accuracy(wkt: str) -> float:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            group: Any = TransformerGroup(
                pyproj.CRS.from_wkt(wkt), pyproj.CRS.from_epsg(4490), always_xy=True
            )
    except (CRSError, ProjError):
        return -1.0
    return max((float(t.accuracy) for t in group.transformers[:1]), default=-1.0)


def authorised(crs: pyproj.CRS) -> bool:
    """Whether boundaries in this system may be brought to EPSG:4490 without a named person's decision."""
    family = family_of(crs)
    if family in (Family.CGCS2000, Family.WGS84):
        return True
    if family is not Family.OTHER:
        return False
    return accuracy_m(crs) >= 0
