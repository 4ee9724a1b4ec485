"""Vector tiles over HTTP: what they hold and what not, dates, headers, and what happens when data change."""

from __future__ import annotations

import asyncio
import gzip
import math
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import mapbox_vector_tile
import numpy as np
import psycopg
import pytest
import shapely
from fastapi import FastAPI
from prometheus_client import generate_latest
from sqlalchemy import text

from api.app import create_app
from api.security.settings import DoorSettings
from geo.names.categories import Category
from geo.settings import district
from geo.store import boundaries, engine, names, public, versions
from geo.store.tables import PlaceName
from geo.terms import LineState, NameStatus
from maps.tiles import serve, statements
from maps.tiles.cache import Address, Tile
from maps.tiles.desk import render
from maps.tiles.line import Line
from tests import builders as b
from tests.loops import finish

SETTLED, OPEN = f"{b.XINGLONG}-{b.CIZHU}", f"{b.TONGJING}-{b.DASHENG}"
DAY = date(2024, 12, 31)
HERE = (106.76, 29.84)


def tile_of(lon: float, lat: float, z: int) -> tuple[int, int, int]:
    n = 2**z
    return (
        z,
        int((lon + 180) / 360 * n),
        int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * n),
    )  # fmt: skip


def path(layer: str, z: int, lon: float = HERE[0], lat: float = HERE[1]) -> str:
    z, x, y = tile_of(lon, lat, z)
    return f"/tiles/{layer}/{z}/{x}/{y}.mvt?at={DAY}"


def degrees(layer: str, z: int, decoded: Any, part: str | None = None) -> list[Any]:
    """Shapes of a decoded tile in degrees."""
    z, x, y = tile_of(*HERE, z)
    side = 360 / 2**z

    def back(points: Any) -> Any:
        east = points[:, 0] / 4096 * side + x * side - 180
        north = math.pi * (1 - 2 * (y + 1 - points[:, 1] / 4096) / 2**z)
        return np.column_stack([east, np.degrees(np.arctan(np.sinh(north)))])

    return [
        shapely.transform(shapely.geometry.shape(f["geometry"]), back)
        for f in decoded[part or layer]["features"]
    ]


@pytest.fixture(scope="module")
def filled(module_database: str) -> Iterator[Any]:
    """One line settled, one accepted only, markers on both; names of every standing."""
    with engine.sessions("owner").begin() as session:
        maker = b.person(session)
        shapes = b.small_district(session, maker.id)
        for code in (SETTLED, OPEN):
            left, right = shapes.sides[code]
            b.line(session, maker.id, code, left, right, shapes.lines[code], name=f"线{code}")
            for serial, (lon, lat) in enumerate(shapes.lines[code].coords[5:35:10], 1):
                b.marker(session, maker.id, code, serial, lon, lat, height=321.0, facts={"owner": "秘密人"})
            row = boundaries.locked(session, code)
            boundaries.take(session, row, transition="check_results", to=LineState.RESULTS_CHECKED, on_date=date(2024, 1, 1),
                            actor_id=maker.id, reason="秘密理由", evidence=[])  # fmt: skip
        row = boundaries.locked(session, SETTLED)
        for to in ("agreement_signed", "submitted", "settled"):
            boundaries.take(session, row, transition=to, to=to, on_date=date(2024, 6, 1), actor_id=maker.id,
                            reason="秘密理由", evidence=[])  # fmt: skip
        public.refresh(session, district(b.DISTRICT), b.SINCE)
        put = b.place_name
        put(session, maker.id, "老街村（新址）", point=HERE)
        put(session, maker.id, "拟用村", status=NameStatus.PROPOSED, point=HERE)
        put(session, maker.id, "待公告村", status=NameStatus.APPROVED, point=HERE)
        put(session, maker.id, "密级村", point=HERE, facts={"secrecy": "秘密"})
        put(session, maker.id, "故事湾", Category.NATURAL_VILLAGE, point=HERE, origin="因有故事得名")
        put(session, maker.id, "后来村", point=HERE, valid=b.since(date(2025, 6, 1)))
        put(session, maker.id, "石桥", Category.FACILITY, point=HERE)
        put(session, maker.id, "</script><script>alert(1)</script>`${1}`{{ 1 }}", Category.OTHER, point=HERE)
    yield shapes


def decoded(client: Any, layer: str, z: int, **more: Any) -> dict[str, Any]:
    answer = client.get(path(layer, z), **more)
    assert answer.status_code == 200, answer.text
    return mapbox_vector_tile.decode(answer.content) if answer.content else {}


def named(tile: dict[str, Any], part: str) -> set[str]:
    return {f["properties"]["name"] for f in tile.get(part, {"features": []})["features"]}


def test_names_are_public_ones_of_the_day_with_half_width_brackets(client: Any, filled: Any) -> None:
    tile = decoded(client, "villages", 14)
    assert named(tile, "villages") == {"老街村（新址）", "故事湾"}
    one = next(f for f in tile["villages"]["features"] if f["properties"]["name"].startswith("老街"))
    assert one["properties"]["label"] == "老街村(新址)"
    assert one["properties"]["kind"] == "committee" and one["properties"]["status"] == "standard"
    assert client.get(f"/api/v1/place-names/{one['id']}").json()["name"] == "老街村（新址）"
    assert tile["villages"]["extent"] == 4096
    all_names = named(decoded(client, "place_names", 14), "place_names")
    assert all_names == {
        "老街村（新址）",
        "故事湾",
        "石桥",
        "</script><script>alert(1)</script>`${1}`{{ 1 }}",
    }
    later = mapbox_vector_tile.decode(
        client.get(path("villages", 14).replace(str(DAY), "2025-06-01")).content
    )
    assert "后来村" in named(later, "villages")


def test_names_come_by_importance(client: Any, filled: Any) -> None:
    assert named(decoded(client, "place_names", 10), "place_names") == {"老街村（新址）"}
    assert named(decoded(client, "place_names", 11), "place_names") == {"老街村（新址）", "故事湾"}
    assert decoded(client, "place_names", 9) == {}


def test_townships_share_their_borders_at_every_zoom(client: Any, filled: Any) -> None:
    for z in (6, 8, 10, 12):
        tile = decoded(client, "townships", z)
        shapes = [shapely.make_valid(s) for s in degrees("townships", z, tile, "townships")]
        assert len(shapes) == (4 if z < 12 else len(shapes))
        # As one: what lies between neighbours, or on both, is less than a tile's unit along the borders.
        unit = 360 / 2**z / 4096
        together = shapely.union_all(shapes)
        seams = sum(s.area for s in shapes) - together.area
        holes = sum(
            shapely.Polygon(ring).area for part in shapely.get_parts(together) for ring in part.interiors
        )
        assert seams + holes <= 0.3 * unit * sum(s.length for s in shapes), z
        assert {f["properties"]["tint"] for f in tile["townships"]["features"]} <= set(range(6))
    labels = decoded(client, "townships", 10)["township_labels"]["features"]
    assert {f["properties"]["label"] for f in labels} == set(b.NAMES.values())
    assert decoded(client, "townships", 5) == {}


def test_areas_that_lie_cut_are_what_would_be_cut_from_them(
    module_database: str, filled: Any, monkeypatch: Any
) -> None:
    """Zoom by zoom the same parts in the same units; the tiles around, where only the strip is touched, too."""
    asked = [
        serve.checked("townships", z, x + dx, y + dy, DAY)
        for z, x, y in (tile_of(*HERE, z) for z in (6, 9, 10, 11, 12)) for dx in (-1, 0, 1) for dy in (-1, 0, 1)
    ]  # fmt: skip

    def shown() -> list[Any]:
        decoded = [mapbox_vector_tile.decode(made([a])[0].plain) for a in asked]
        return [
            sorted((str(f["geometry"]), sorted(f["properties"].items())) for f in tile.get(part, {"features": []})["features"])
            for tile in decoded for part in ("townships", "township_labels")
        ]  # fmt: skip

    stored = shown()
    text_of = (statements.HERE / "townships.sql").read_text(encoding="utf-8")
    live = re.sub(r"%\((\w+)\)s", lambda m: f"${list(statements.PARAMETERS).index(m[1]) + 1}", text_of)
    monkeypatch.setattr(statements, "numbered", lambda layer, last: live.replace("{last}", str(last)))
    assert stored == shown() and sum(map(len, stored)) > 20


def test_deep_zooms_are_finer_than_shallow_ones(module_database: str, filled: Any) -> None:
    with engine.sessions("public")() as session:
        points = dict(session.execute(text(
            "select to_zoom, sum(ST_NPoints(geometry)) from published.map_shape where layer = 'townships' group by 1")).all())  # fmt: skip
    assert points[5] <= points[7] <= points[9] <= points[12] <= points[18] and points[7] < points[18]


def test_only_the_settled_line_and_its_rounded_markers(client: Any, filled: Any) -> None:
    lines = decoded(client, "boundary_lines", 12)["boundary_lines"]["features"]
    assert {f["properties"]["code"] for f in lines} == {SETTLED}
    found = decoded(client, "markers_public", 13)["markers_public"]["features"]
    assert found and {f["properties"]["line"] for f in found} == {SETTLED}
    exact = [shapely.Point(p) for p in filled.lines[SETTLED].coords[5:35:10]]
    rounded = [shapely.Point(round(p.x, 3), round(p.y, 3)) for p in exact]
    for shape in degrees("markers_public", 13, decoded(client, "markers_public", 13)):
        assert min(shape.distance(p) for p in rounded) < 2e-5


def test_published_tables_hold_nothing_restricted(module_database: str, filled: Any) -> None:
    """Every column of every row that tiles, /ogc and the change feed read, searched for what must not be there."""
    exact = {round(v, 9) for line in filled.lines.values() for point in line.coords[1:-1] for v in point}
    with engine.sessions("public")() as session:
        for table in ("map_name", "map_shape", "map_piece", "change", "change_set", "place_name_version"):
            for (said,) in session.execute(
                text(f"select to_jsonb(t) - 'point' - 'geometry' - 'shape' from published.{table} t")
            ):
                said = str(said)
                assert not any(
                    word in said for word in ("秘密", "321", "拟用", "待公告", "密级", "用户", "owner")
                ), table
                assert OPEN not in said
        for (wkb,) in session.execute(text(
            "select ST_AsBinary(ST_Transform(ST_Force2D(geometry), 4326)) from published.map_shape where to_zoom = 18")):  # fmt: skip
            values = {round(v, 9) for v in shapely.get_coordinates(shapely.from_wkb(bytes(wkb))).ravel()}
            assert not values & exact


def test_what_the_tiles_read_is_what_the_views_publish(module_database: str, filled: Any) -> None:
    rows = "(select array_agg(row(number, name, status::text, valid)::text order by number, valid) from published.{0})"
    with engine.sessions("owner")() as session:
        for held in ("map_name", "place_name_version"):
            same = f"select {rows.format('place_name')} = {rows.format(held)}"
            assert session.scalar(text(same)), held
        columns = session.scalar(text("""
            select array_agg(column_name order by ordinal_position) = (
                select array_agg(column_name order by ordinal_position) from information_schema.columns
                where table_schema = 'published' and table_name = 'place_name_version' and column_name <> 'version')
            from information_schema.columns where table_schema = 'published' and table_name = 'place_name'"""))  # fmt: skip
        assert columns
        areas = """select (select count(*) from published.admin_unit where level = 'township' and geometry is not null),
            (select count(*) from published.boundary_line), (select count(*) from published.boundary_marker)"""
        held = """select count(*) filter (where layer = 'townships' and to_zoom = 18),
            count(*) filter (where layer = 'boundary_lines' and to_zoom = 18), count(*) filter (where layer = 'markers_public')
            from published.map_shape"""
        assert session.execute(text(areas)).one() == session.execute(text(held)).one()


def test_headers_and_conditional_requests(client: Any, filled: Any) -> None:
    plain = client.get(path("villages", 14), headers={"Accept-Encoding": "identity"})
    assert plain.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    assert "max-age" in plain.headers["cache-control"] and "public" in plain.headers["cache-control"]
    assert plain.headers["vary"] == "Accept-Encoding" and "content-encoding" not in plain.headers
    packed = client.get(path("villages", 14), headers={"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip" and packed.content == plain.content
    assert packed.headers["etag"] == plain.headers["etag"]
    assert int(packed.headers["content-length"]) == len(gzip.compress(plain.content, 5, mtime=0))
    same = client.get(path("villages", 14), headers={"If-None-Match": f'"other", {plain.headers["etag"]}'})
    assert same.status_code == 304 and not same.content and same.headers["etag"] == plain.headers["etag"]
    head = client.head(path("villages", 14), headers={"Accept-Encoding": "identity"})
    assert head.status_code == 200 and not head.content
    assert int(head.headers["content-length"]) == len(plain.content)
    assert plain.headers["content-security-policy"] and plain.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        ("/tiles/villages/4/16/0.mvt", 404, "no-such-tile"),
        ("/tiles/villages/19/0/0.mvt", 404, "no-such-tile"),
        ("/tiles/villages/99999999999999999999/0/0.mvt", 422, "bad-tile"),
        ("/tiles/villages/-1/0/0.mvt", 422, "bad-tile"),
        ("/tiles/villages/4/1.5/0.mvt", 422, "bad-tile"),
        ("/tiles/villages/4/一/0.mvt", 422, "bad-tile"),
        ("/tiles/villages/4/1/0.png", 422, "bad-tile"),
        ("/tiles/villages/4/1.mvt", 422, "bad-tile"),
        ("/tiles/drafts/4/1/0.mvt", 404, "no-such-layer"),
        ("/tiles/place_name;drop/4/1/0.mvt", 404, "no-such-layer"),
        ("/tiles/villages/4/1/0.mvt?at=yesterday", 422, "bad-tile"),
        ("/tiles/villages/4/1/0.mvt?at=20241231", 422, "bad-tile"),
    ],
)
def test_bad_addresses_are_refused_without_the_database(
    client: Any, app: FastAPI, filled: Any, address: str, status: int, code: str
) -> None:
    made = app.state.tiles.made
    answer = client.get(address)
    assert answer.status_code == status and answer.json()["code"] == code and answer.json()["title_en"]
    assert app.state.tiles.made == made


def test_the_sites_own_name_is_demanded_where_it_is_set(module_database: str, filled: Any) -> None:
    from starlette.testclient import TestClient

    with TestClient(
        create_app(settings=DoorSettings(public_url="https://names.example.org", map_approval="试字第 1 号"))
    ) as client:
        own = client.get(path("villages", 14), headers={"Host": "names.example.org:443"})
        assert own.status_code == 200 and own.headers["strict-transport-security"]
        assert client.get(path("villages", 14), headers={"Host": "evil.example"}).status_code == 421


def test_tiles_leave_no_line_in_the_log_but_are_counted(
    client: Any, app: FastAPI, filled: Any, capfd: Any
) -> None:
    client.get(path("villages", 14))
    assert "/tiles/" not in "".join(capfd.readouterr())
    said = generate_latest(app.state.metrics.registry).decode()
    assert 'route="/tiles/{layer}/{z}/{x}/{y}.mvt",status="200"' in said


def test_other_methods_are_refused(client: Any, filled: Any) -> None:
    assert client.post(path("villages", 14)).status_code == 405


def test_a_tile_is_made_once_and_again_only_where_something_changed(
    client: Any, app: FastAPI, filled: Any, committed: Any
) -> None:
    tiles: serve.Tiles = app.state.tiles
    near, far, areas = path("villages", 12), path("villages", 12, 106.9, 30.1), path("townships", 12)
    before = {p: client.get(p).headers["etag"] for p in (near, far, areas)}
    made = tiles.made
    assert {p: client.get(p).headers["etag"] for p in before} == before and tiles.made == made
    maker = b.person(committed)
    row = b.place_name(committed, maker.id, "新立村", point=(HERE[0] + 0.002, HERE[1]))
    committed.commit()
    tiles.touched()
    after = {p: client.get(p).headers["etag"] for p in before}
    assert after[near] != before[near] and after[far] == before[far] and after[areas] == before[areas]
    assert tiles.made == made + 1
    assert "新立村" in named(decoded(client, "villages", 12), "villages")
    # Renamed, ended: gone where it stood.
    versions.end(committed, PlaceName, row.number, b.SINCE)
    names.search_forms.refresh(committed, [row.number])
    committed.commit()
    tiles.touched()
    assert client.get(near).headers["etag"] == before[near]
    assert tiles.made == made + 2


def test_a_second_process_agrees(client: Any, app: FastAPI, filled: Any, committed: Any) -> None:
    """Another process reads the same change sets: its tile is forgotten too, its tag is the same."""
    other = serve.Tiles(check_seconds=0)
    address = serve.address_of("villages", *map(str, tile_of(*HERE, 13)), at=str(DAY), today=DAY)

    async def asked() -> str:
        return (await other.get(address)).etag

    first = finish(asked())
    assert client.get(path("villages", 13)).headers["etag"] == first
    maker = b.person(committed)
    b.place_name(committed, maker.id, "又一村", point=(HERE[0] + 0.001, HERE[1]))
    committed.commit()
    app.state.tiles.touched()
    second = finish(asked())
    assert second != first and client.get(path("villages", 13)).headers["etag"] == second
    other.close()


def test_a_lost_connection_is_made_anew(client: Any, app: FastAPI, filled: Any) -> None:
    assert client.get(path("villages", 11)).status_code == 200
    ended = "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'yudi tiles' and datname = current_database()"
    with engine.sessions("owner")() as session:
        assert session.scalars(text(ended)).all()
    app.state.tiles.touched()
    for day in ("2024-12-01", "2024-12-02"):
        assert client.get(path("villages", 11).replace(str(DAY), day)).status_code == 200


def test_a_slow_statement_is_ended_and_the_next_is_answered(
    module_database: str, filled: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = "select 1::bigint, 0::bigint, ''::bytea from pg_sleep(9) where num_nulls($1::int[], $2::int[], $3::int[], $4::date[], $5::int[]) = 0"
    address = serve.address_of("place_names", *map(str, tile_of(*HERE, 14)), at=str(DAY), today=DAY)
    monkeypatch.setattr(serve, "SECONDS", 0.6)

    async def asked() -> Tile:
        other = serve.Tiles(lines=1)
        try:
            with monkeypatch.context() as patched:
                patched.setattr(statements, "numbered", lambda *_: slow)
                waiting = [asyncio.ensure_future(other.get(address)) for _ in range(3)]
                waiting[0].cancel()
                gone, *others = await asyncio.gather(*waiting, return_exceptions=True)
                assert isinstance(gone, asyncio.CancelledError)
                assert [type(e) for e in others] == [psycopg.errors.QueryCanceled] * 2
            return await other.get(address)
        finally:
            other.close()

    assert finish(asked()).plain


def made(addresses: list[Address]) -> list[Tile]:
    """Tiles made by one statement."""

    async def work() -> list[Tile]:
        line = Line(serve.connect(), serve.SECONDS)
        try:
            return await render(line, addresses)
        finally:
            line.close()

    return finish(work())


def test_a_tile_never_exceeds_its_bytes(
    module_database: str, filled: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statements, "MOST_BYTES", 200)
    address = serve.address_of("place_names", *map(str, tile_of(*HERE, 14)), at=str(DAY), today=DAY)
    (tile,) = made([address])
    left = mapbox_vector_tile.decode(tile.plain)["place_names"]["features"]
    assert len(tile.plain) <= 200
    assert 1 <= len(left) < 4 and left[0]["properties"]["name"] == "老街村（新址）"


def test_several_tiles_of_one_statement_are_those_of_single_ones(module_database: str, filled: Any) -> None:
    addresses = [
        serve.checked("place_names", *tile_of(HERE[0] + d, HERE[1], 14), DAY) for d in (0, 0.03, -0.02, 0)
    ]
    together, alone = made(addresses), [made([a])[0] for a in addresses]
    assert [t.plain for t in together] == [t.plain for t in alone] and together[0].plain == together[3].plain


def test_statements_have_limits_and_the_publics_role(module_database: str) -> None:
    with serve.connect() as connection:
        assert connection.execute("select current_user, current_setting('statement_timeout')").fetchone() == (
            "yudi_public",
            "8s",
        )
        with pytest.raises(Exception, match="permission denied"):
            connection.execute("select 1 from place_name")


@pytest.mark.parametrize("layer", ["place_names", "villages", "townships"])
def test_the_index_of_the_zoom_serves(module_database: str, filled: Any, layer: str) -> None:
    """The planner takes the index that the file names, once scans of small tables are out of the question."""
    with serve.connect() as connection:
        connection.execute("set enable_seqscan = off")
        for z in (7, 9, 12, 14):
            group = statements.group_of(serve.checked(layer, z, 0, 0, DAY))
            connection.execute(
                f"prepare asked(int[], int[], int[], date[], int[]) as {statements.numbered(*group)}"
            )
            # The plan that every later asking takes: made once, without looking at the values.
            plan = connection.execute(
                "explain execute asked('{9}', '{0}', '{0}', '{2024-12-31}', '{9}')"
            ).fetchall()
            connection.execute("deallocate asked")
            said = "\n".join(row[0] for row in plan)
            stored = layer == "townships" and z <= 12
            assert ("map_piece_pkey" if stored else "_gist") in said and "Seq Scan" not in said, said
            if layer == "place_names":
                assert {
                    7: "map_name_8_gist",
                    9: "map_name_10_gist",
                    12: "map_name_12_gist",
                    14: "map_name_all_gist",
                }[z] in said
