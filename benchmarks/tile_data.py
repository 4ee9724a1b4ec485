"""A map of a million names and thirty thousand areas for the measurements of tiles; all of it follows from a seed.

The names lie over some 5.6 × 4.8 degrees as densely as in a city's surroundings; the areas fill the same ground and share
wavy borders. They are written into the tables that tiles are made of (published.map_name, published.map_shape) by
the functions of the schema, and the areas once more as they would lie without them (bench_area, EPSG:4490).
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import islice

import numpy as np
import psycopg
import shapely

from benchmarks.name_data import names
from geo.network.stretches import stretches

SEED = 6
WEST, SOUTH, EAST, NORTH = 104.0, 27.5, 109.6, 32.3
#: Points on each of an area's four sides.
SIDE = 50


def points(count: int) -> Iterator[tuple[str, str, float, float]]:
    """(name, category, lon, lat): real and generated names, gathered around some thousand places."""
    chance = random.Random(SEED)
    centres = [(chance.uniform(WEST, EAST), chance.uniform(SOUTH, NORTH)) for _ in range(3000)]
    for row in islice(names(count), count):
        if chance.random() < 0.3:
            lon, lat = chance.uniform(WEST, EAST), chance.uniform(SOUTH, NORTH)
        else:
            middle = chance.choice(centres)
            lon, lat = chance.gauss(middle[0], 0.05), chance.gauss(middle[1], 0.05)
        yield (
            row.name,
            row.category.value,
            round(min(max(lon, WEST), EAST), 6),
            round(min(max(lat, SOUTH), NORTH), 6),
        )


def areas(count: int) -> list[shapely.MultiPolygon]:
    """A coverage of `count` areas, EPSG:4490: a net whose every edge is a wavy line that two areas share."""
    rng = np.random.default_rng(SEED)
    columns = round((count * (EAST - WEST) / (NORTH - SOUTH)) ** 0.5)
    rows = -(-count // columns)
    x = np.linspace(WEST, EAST, columns + 1)
    y = np.linspace(SOUTH, NORTH, rows + 1)
    dx, dy = x[1] - x[0], y[1] - y[0]
    nodes = np.stack(np.meshgrid(x, y), axis=-1) + rng.uniform(-0.2, 0.2, (rows + 1, columns + 1, 2)) * (
        dx,
        dy,
    )
    share = np.linspace(0, 1, SIDE + 1)[:, None]

    def edge(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        line = a * (1 - share) + b * share
        steps = np.cumsum(rng.normal(0, 1, (SIDE + 1, 2)), axis=0)
        bridge = steps - steps[0] * (1 - share) - steps[-1] * share
        line[1:-1] += bridge[1:-1] * (dx, dy) * 0.002
        return np.round(line, 7)

    across = [[edge(nodes[r, c], nodes[r, c + 1]) for c in range(columns)] for r in range(rows + 1)]
    along = [[edge(nodes[r, c], nodes[r + 1, c]) for c in range(columns + 1)] for r in range(rows)]
    made = []
    for r in range(rows):
        for c in range(columns):
            if len(made) < count:
                ring = np.concatenate(
                    [across[r][c][:-1], along[r][c + 1][:-1], across[r + 1][c][:0:-1], along[r][c][:0:-1]]
                )
                made.append(shapely.MultiPolygon([shapely.Polygon(ring)]))
    return made


def fill(url: str, name_count: int, area_count: int) -> None:
    """Fill an empty database of the newest schema. url: as libpq reads it."""
    with psycopg.connect(url) as connection:
        connection.execute("set maintenance_work_mem = '1GB'")
        connection.execute(
            "create temporary table given (number bigint, name text, category text, lon float, lat float)"
        )
        with connection.cursor().copy("copy given from stdin") as copy:
            for number, row in enumerate(points(name_count), start=1):
                copy.write_row((number, *row))
        again = [row[0] for row in connection.execute(
            "select pg_get_indexdef(indexrelid) from pg_index where indrelid = 'published.map_name'::regclass and not indisprimary")]  # fmt: skip
        for statement in again:
            connection.execute(f"drop index published.{statement.split()[2]}")
        connection.execute("""
            insert into published.map_name (version_id, number, name, label, kind, status, rank, importance, villages, demo,
                                            valid, unit_code, point)
            select g.number, g.number, g.name, translate(g.name, '（）', '()'), 'natural_village', 'standard',
                   yudi_name_rank(g.category, 'standard', (g.number % 40)::int, 6, false), g.number % 40,
                   g.category in ('村委会、居委会所在地', '自然村'), false, '[2023-01-01,)', '500112',
                   yudi_map_point(ST_SetSRID(ST_MakePoint(g.lon, g.lat), 4490))
            from given g order by ST_GeoHash(ST_MakePoint(g.lon, g.lat), 7), g.number""")
        for statement in again:
            connection.execute(statement)
        _areas(connection, area_count)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("vacuum analyze")


def _areas(connection: psycopg.Connection[tuple[object, ...]], count: int) -> None:
    """The areas as an installation without stretches would hold them, and as tiles read them."""
    connection.execute(
        "create table bench_area (id bigint primary key, name text not null, code text not null, valid daterange not null,"
        " geometry geometry(MultiPolygon, 4490) not null)"
    )
    made = np.array(areas(count), dtype=object)
    with connection.cursor().copy("copy bench_area from stdin") as copy:
        for i, wkb in enumerate(shapely.to_wkb(shapely.set_srid(made, 4490), hex=True, include_srid=True)):
            copy.write_row((i, f"第{i}镇", str(500000000 + i), "[2023-01-01,)", wkb))
    connection.execute("create index bench_area_gist on bench_area using gist (geometry)")
    connection.execute("grant select on bench_area to yudi_public")
    for first, last, shapes in stretches(made):
        connection.execute(
            "create temporary table drawn (id bigint, geometry geometry(Geometry, 4490)) on commit drop"
        )
        with connection.cursor().copy("copy drawn from stdin") as copy:
            for i, wkb in enumerate(
                shapely.to_wkb(shapely.set_srid(shapes, 4490), hex=True, include_srid=True)
            ):
                copy.write_row((i, wkb))
        connection.execute(
            "insert into published.map_shape (layer, part_a, part_b, key, name, label, kind, tint, rank, demo, valid,"
            " from_zoom, to_zoom, geometry, point)"
            " select 'townships', a.id, 0, a.code, a.name, a.name, 'township', a.id %% 6, 6, false, a.valid, %s, %s,"
            " yudi_mercator(d.geometry), yudi_map_point(a.geometry)"
            " from bench_area a join drawn d using (id) order by ST_GeoHash(ST_Centroid(a.geometry), 7)",
            (first, last),
        )
        connection.execute("drop table drawn")
