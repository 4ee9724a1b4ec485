"""Defects of polygons (政区面) in the tutorial's wrong delivery."""

from __future__ import annotations

import numpy as np
import shapely

from api.setup.demo.layers import Record, geodesic_area, polygon_record
from api.setup.demo.planting import Plant, Planter, beside, points


def area(p: Planter, code: str) -> Record:
    """The polygon record of a township, added where the delivery has none yet."""
    for record in p.result.polygons:
        if record.values["code"] == code:
            return record
    row = next(r for r in p.demo.townships.itertuples() if r.code == code)
    record = polygon_record(row, str(p.demo.townships.crs))
    p.result.polygons.append(record)
    return record


def border_moved(p: Planter) -> None:
    """One polygon's vertices of the shared border are moved: out over the other, and back from it."""
    line = next(r for r in p.demo.lines.itertuples() if r.code == p.demo.plan.singles)
    one, other = sorted((line.left_code, line.right_code))
    v = shapely.get_coordinates(line.geometry)
    outward = 1.0 if line.left_code == other else -1.0
    moved = {}
    for start, metres in ((150, 4.0), (250, -0.4)):
        for at in range(start, start + 10):
            moved[tuple(v[at])] = beside(v, at, outward * metres)
    record = area(p, one)
    record.geometry = shapely.transform(
        record.geometry, lambda c: np.array([moved.get(tuple(x), x) for x in c])
    )
    names = f"{record.values['name']}、{area(p, other).values['name']}"
    p.note("TP01", "polygons", names, "两镇政区面重叠，宽 4 米", "the polygons overlap by 4 m")
    p.note("TP02", "polygons", names, "两镇之间有 0.4 米宽的缝隙", "a gap of 0.4 m between them")
    p.note("TP03", "polygons", names, "共用边界的折点不一致", "the shared border differs in its vertices")
    p.note(
        "TP09",
        "polygons",
        record.values["name"],
        "政区面与界线围成的面不同",
        "not the face that its lines make",
    )
    p.note("TP15", "polygons", "", "各乡镇之和不等于全区", "the townships do not add up to the district")


def enclave(p: Planter) -> None:
    owner, host = (area(p, code) for code in p.demo.plan.enclave)
    names = f"{owner.values['name']}、{host.values['name']}"
    p.note("TP14", "polygons", names, "飞地：一块在另一镇内（请确认）", "an enclave: confirm it")


def bow_tie(p: Planter) -> None:
    record = area(p, p.demo.plan.defects["bow_tie"])
    ring = shapely.get_coordinates(record.geometry.exterior)
    ring[[40, 44]] = ring[[44, 40]]
    record.geometry = shapely.Polygon(ring)
    p.note("GE02", "polygons", record.values["name"], "边界自相交", "its outline crosses itself")


def turned_ring(p: Planter) -> None:
    record = area(p, p.demo.plan.defects["turned_ring"])
    ring = shapely.get_coordinates(shapely.orient_polygons(record.geometry, exterior_cw=False).exterior)
    record.parts = [ring]
    p.note("GE04", "polygons", record.values["name"], "外环逆时针", "its outer ring runs the wrong way")


def misnamed(p: Planter) -> None:
    record = area(p, p.demo.plan.defects["misnamed"])
    wrong = record.values["name"] = p.demo.plan.defects["misspelt"]
    p.note("AT03", "polygons", record.values["code"], f"名称写成“{wrong}”", "the name is misspelt")


def stated_area(p: Planter) -> None:
    record = area(p, p.demo.plan.enclave[0])
    record.values["area_m2"] = round(record.values["area_m2"] * 1.03, 1)
    p.note("AT06", "polygons", record.values["name"], "填写的面积多 3%", "the stated area is 3 % too large")


def sliver(p: Planter) -> None:
    line = p.of("lines", code=p.demo.plan.twins)
    neighbour = area(p, max(line.values["left"], line.values["right"])).values
    v = points(line)[60:64]
    thin = shapely.LineString(v).buffer(0.25, single_sided=True)
    shape = shapely.transform(thin, lambda c: c.round(4))
    size = geodesic_area(shape, str(p.demo.townships.crs))
    p.result.polygons.append(
        Record({"code": neighbour["code"], "name": neighbour["name"], "area_m2": round(size, 1)}, shape)
    )
    p.note("GE13", "polygons", neighbour["name"], "0.25 米宽的碎面", "a sliver 0.25 m wide")


AREAS: tuple[Plant, ...] = (border_moved, enclave, bow_tie, turned_ring, misnamed, stated_area, sliver)
