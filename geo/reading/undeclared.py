"""Undeclared (未声明坐标系): the system of a layer that states none: the candidates that put it in the district, or
that its numbers name; the datum is never guessed in silence (CR01, CR05)."""

from __future__ import annotations

import numpy as np
import pyproj
from numpy.typing import NDArray

from geo.crs.guess import (
    box_under,
    described,
    fits,
    looks_like_degrees,
    meridians,
    share_inside,
    zone_from_numbers,
)
from geo.crs.zones import GEOGRAPHIC
from geo.reading.layers import CrsDecision
from geo.reading.notes import Notes, listed
from geo.reading.systems import CR01, CR05, Stated
from geo.settings import DistrictSettings
from geo.text import Text


def undeclared(
    layer: str,
    points: NDArray[np.float64],
    stated: Stated,
    district: DistrictSettings | None,
    notes: Notes,
) -> CrsDecision:
    """No system is stated: the candidates that put the data in the district, or that the numbers name."""
    found = fits(points, district) if district is not None and len(points) else []
    zone = zone_from_numbers(points)
    if found:
        best = found[0]
        names = listed(
            f"{described(f.epsg)} {f.share:.0%}{'，X/Y 颠倒 (swapped)' if f.swapped else ''}" for f in found
        )
        notes.say(
            CR01,
            layer,
            f"坐标落在本区的候选：{names}",
            f"candidates inside the district: {names}",
            layer=layer,
        )
        if best.swapped:
            notes.say(
                CR05, layer,
                f"X/Y（纵横坐标）颠倒，按 {described(best.epsg)} 对调后有 {best.share:.0%} 落在本区",
                f"X and Y look swapped: exchanged, {best.share:.0%} lie in the district as EPSG:{best.epsg}",
                layer=layer,
            )  # fmt: skip
        return _guess(best.epsg, best.swapped, Text(
            f"未声明；由坐标范围推断（候选：{names}），基准须由测绘单位确认",
            f"Not declared; inferred from the ranges ({names}); the surveyor must confirm the datum",
        ))  # fmt: skip
    if zone is not None:
        home, swapped = zone
        notes.say(
            CR01, layer,
            f"带号 {home.prefix} 表明 {described(home.epsg)}，基准（CGCS2000、西安80、北京54）须由测绘单位说明",
            f"zone number {home.prefix} means {described(home.epsg)}; the datum must be stated by the surveyor",
            layer=layer,
        )  # fmt: skip
        if swapped and stated.swapped is None:
            notes.say(
                CR05, layer,
                f"X/Y（纵横坐标）颠倒：带号 {home.prefix} 出现在纵坐标位置",
                f"X and Y look swapped: the zone number {home.prefix} stands where the northing belongs",
                layer=layer,
            )  # fmt: skip
        return _guess(home.epsg, swapped, Text(
            f"未声明；东坐标带号 {home.prefix}，按 CGCS2000 理解", f"Not declared; zone number {home.prefix}, taken as CGCS2000",
        ))  # fmt: skip
    if stated.table and looks_like_degrees(points):
        notes.say(
            CR01, layer,
            "表中为经纬度，未说明基准；候选 EPSG:4490（CGCS2000）、EPSG:4326（WGS 84）",
            "the table gives degrees without a datum; candidates EPSG:4490 (CGCS2000), EPSG:4326 (WGS 84)",
            layer=layer,
        )  # fmt: skip
        return _guess(
            GEOGRAPHIC,
            False,
            Text("未声明；经纬度按 CGCS2000 理解", "Not declared; degrees taken as CGCS2000"),
        )
    zh, en = _open(points, district)
    notes.say(CR01, layer, zh, en, layer=layer)
    return CrsDecision(None, None, "", "none", Text(f"未声明：{zh}", f"Not declared: {en}"), False)


def _open(points: NDArray[np.float64], district: DistrictSettings | None) -> tuple[str, str]:
    """What can be said where the numbers prove nothing."""
    if len(points) and not looks_like_degrees(points):
        if district is not None and _local(points, district):
            return (
                "坐标像是中央经线 106°30′ 的地方坐标（重庆独立坐标系），不能换算；请提供 CGCS2000 成果",
                "the numbers look like a local system of central meridian 106°30′, which cannot be converted; provide CGCS2000",
            )
        north = points[:, 1]
        zones = meridians(points)
        if zones and north.min() > 1_800_000 and north.max() < 6_000_000:
            names = "、".join(f"{z.meridian}°" for z in zones)
            return (
                f"平面坐标没有带号，中央经线不明（可能是 {names}）",
                f"plane coordinates without a zone number: the central meridian is unknown (could be {names})",
            )
        return "平面坐标，数值不能说明是哪个坐标系", "plane coordinates; the numbers do not tell the system"
    if len(points):
        return (
            "数值像是经纬度，候选 EPSG:4490（CGCS2000）、EPSG:4326（WGS 84）",
            "the numbers look like degrees; candidates EPSG:4490 (CGCS2000), EPSG:4326 (WGS 84)",
        )
    return "没有坐标可供判断", "there are no coordinates to judge by"


def _local(points: NDArray[np.float64], district: DistrictSettings) -> bool:
    """Whether the numbers are those of the district under its middle meridian to half a degree, FE 500 km."""
    west, _, east, _ = district.box
    meridian = round(west + east) / 2
    custom = pyproj.CRS.from_proj4(
        f"+proj=tmerc +lat_0=0 +lon_0={meridian} +k=1 +x_0=500000 +y_0=0 +ellps=GRS80 +units=m"
    )
    box = box_under(custom, district.box)
    return box is not None and max(share_inside(points, box), share_inside(points[:, ::-1], box)) >= 0.9


def _guess(epsg: int, swapped: bool, reason: Text) -> CrsDecision:
    crs = pyproj.CRS.from_epsg(epsg)
    return CrsDecision(crs, epsg, crs.name, "guessed", reason, True, swapped)
