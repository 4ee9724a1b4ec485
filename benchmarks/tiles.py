"""Tiles (瓦片) of a million names and thirty thousand areas at 32 connections: made anew beside pgbench with the same
SQL, tipg and MapServer, from memory beside a bare ASGI route with the same bytes, and areas that lie cut beside plain SQL.

./yudi bench tiles

The server is the product's own (api.cli._serve); wrk asks (Debian: wrk). The database is made on the server of
YUDI_DATABASE_URL under a name of its own and used as it stands where it is there; with YUDI_BENCH_KEEP set it stays, else
it is dropped at the end.
"""

from __future__ import annotations

import json
import math
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any

import httpx
import psycopg
import uvicorn
from psycopg import sql

from benchmarks import tile_peers
from benchmarks.measure import ROOT, WORK, Comparison, report
from benchmarks.tile_data import EAST, NORTH, SOUTH, WEST, fill
from geo.store.engine import database_url, libpq
from geo.store.migrate import upgrade
from maps.tiles import serve, statements

NAMES, AREAS = 1_000_000, 30_000
DATABASE = "yudi_bench_tiles"
CONNECTIONS = 32
SECONDS = 8
DAY = date(2024, 12, 31)
LAYERS = ("place_names", "townships")
#: wrk takes a few microseconds of a request; curl and every client in Python take more than a tile from memory.
LUA = """local asked, i = {{}}, 0
init = function()
    for path in io.lines("{}") do asked[#asked + 1] = wrk.format("GET", path) end
end
request = function() i = i % #asked + 1; return asked[i] end
"""

# The areas as they would be drawn without stretches: exact outlines, projected and simplified while one waits.
PLAIN = """select ST_AsMVT(f, 'townships', 4096, 'shape', 'id') from (
    select a.id, a.name, a.name as label, a.code, 6 as rank, 'township' as kind,
           ST_AsMVTGeom(ST_Simplify(ST_Transform(ST_SetSRID(a.geometry, 4326), 3857), 40075016.68 / 2 ^ {z} / 1024),
                        ST_TileEnvelope({z}, :x, :y), 4096, 256, true) as shape
    from bench_area a
    where a.geometry && ST_SetSRID(ST_Transform(ST_TileEnvelope({z}, :x, :y, margin => 0.0625), 4326), 4490)
      and a.valid @> date '2024-12-31' order by a.id limit 6000) f;"""


def prepared() -> Any:
    """The URL of the filled database."""
    owner = database_url()
    url = owner.set(database=DATABASE)
    with psycopg.connect(libpq(owner), autocommit=True) as admin:
        there = admin.execute("select 1 from pg_database where datname = %s", (DATABASE,)).fetchone()
        if there:
            with psycopg.connect(libpq(url)) as connection:
                held = connection.execute("select to_regclass('bench_area')").fetchone()
            if held and held[0]:
                upgrade(url)
                return url
        drop(admin)
        admin.execute(
            sql.SQL("create database {} template template0 encoding 'UTF8' locale 'C.UTF-8'").format(
                sql.Identifier(DATABASE)
            )
        )
    upgrade(url)
    begun = time.perf_counter()
    fill(libpq(url), NAMES, AREAS)
    print(f"  filled in {time.perf_counter() - begun:.0f} s", flush=True)
    return url


def drop(admin: psycopg.Connection[Any]) -> None:
    admin.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(DATABASE)))


def ranges(z: int) -> tuple[int, int, int, int]:
    """The tiles of the ground at a zoom: first and last column, first and last row."""
    n = 2**z

    def row(lat: float) -> int:
        return int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * n)

    return int((WEST + 180) / 360 * n), int((EAST + 180) / 360 * n) - 1, row(NORTH), row(SOUTH) - 1


def pgbench(url: Any, scripts: list[str], z: int) -> float:
    """Tiles a second of pgbench with these statements, each as often as the others."""
    first, last, top, bottom = ranges(z)
    files = []
    for i, script in enumerate(scripts):
        path = WORK / f"tiles_{i}.sql"
        path.write_text(
            f"\\set x random({first}, {last})\n\\set y random({top}, {bottom})\n{script}\n", encoding="utf-8"
        )
        files += ["-f", str(path)]
    done = subprocess.run(
        ["pgbench", "-n", "-M", "prepared", "-c", str(CONNECTIONS), "-j", "2", "-T", str(SECONDS), *files, libpq(url)],
        capture_output=True, text=True, check=True,
        env={**os.environ, "PGOPTIONS": "-c jit=off", "PATH": f"{_bindir()}:{os.environ['PATH']}"},
    )  # fmt: skip
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    assert found, done.stdout
    return float(found[1])


def _bindir() -> str:
    program = shutil.which("pg_config")
    return (
        subprocess.run([program, "--bindir"], capture_output=True, text=True).stdout.strip()
        if program
        else ""
    )


def same_sql(layer: str, z: int) -> str:
    """The server's own statement for one tile, for pgbench."""
    x, y = (f"array[:{name}::int]" for name in "xy")
    given = {
        "z": f"array[{z}]",
        "x": x,
        "y": y,
        "at": f"array[date '{DAY}']",
        "most": f"array[{statements.MOST_FEATURES}]",
    }
    text = statements.statement(*statements.group_of(serve.checked(layer, z, 0, 0, DAY)))
    return re.sub(r"%\((\w+)\)s", lambda m: given[m[1]], re.sub(r"--.*", "", text)).strip().rstrip(";") + ";"


def addresses(z: int, count: int, seed: int) -> list[str]:
    """Paths of random tiles of the ground, both layers by turns."""
    chance = random.Random(seed)
    first, last, top, bottom = ranges(z)
    return [
        f"/tiles/{LAYERS[i % 2]}/{z}/{chance.randint(first, last)}/{chance.randint(top, bottom)}.mvt?at={DAY}"
        for i in range(count)
    ]


def asked(port: int, paths: list[str], seconds: float) -> float:
    """Answers a second that wrk gets of the paths, one after the other, CONNECTIONS at a time."""
    listed, script = WORK / "paths.txt", WORK / "paths.lua"
    listed.write_text("\n".join(paths) + "\n", encoding="utf-8")
    script.write_text(LUA.format(listed), encoding="utf-8")
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds:g}s", "--timeout", "30s", "-s", str(script)]
    done = subprocess.run([*command, f"http://127.0.0.1:{port}"], capture_output=True, text=True, check=True)
    found = re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)
    if not found or "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
        raise RuntimeError(done.stdout + done.stderr)
    return float(found[1])


@contextmanager
def server(command: list[str], settings: Mapping[str, Any], processes: int = 2) -> Iterator[int]:
    """Processes on one listening socket; its port."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen(256)
    listening.set_inheritable(True)
    port = listening.getsockname()[1]
    running = []
    for _ in range(processes):
        made = subprocess.Popen(
            [sys.executable, *command, str(listening.fileno())], cwd=ROOT, stdin=subprocess.PIPE,
            stderr=(WORK / "server.log").open("w"), pass_fds=[listening.fileno()], text=True,
        )  # fmt: skip
        assert made.stdin is not None
        made.stdin.write(json.dumps(settings) + "\n")
        made.stdin.flush()
        running.append(made)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=120) as client:
            for _ in range(2 * processes):  # all of them answer
                client.get("/healthz", headers={"Connection": "close"})
        yield port
    finally:
        for made in running:
            made.terminate()
        for made in running:
            made.wait(20)
        listening.close()


def product(url: Any, cache_mb: int, processes: int = 2) -> Any:
    """The product's own server on a database."""
    settings = {
        "YUDI_DATABASE_URL": url.render_as_string(hide_password=False), "YUDI_TILE_CACHE_MB": str(cache_mb),
        "YUDI_AS_OF": DAY.isoformat(), "YUDI_VAR": str(WORK / "var"),
    }  # fmt: skip
    return server(["-m", "api.cli._serve"], settings, processes)


def bare(number: int) -> None:
    """A bare ASGI route that sends bytes from memory, by the settings of the product's server."""
    from api import serving

    sizes = json.loads(sys.stdin.readline())
    held = {path: os.urandom(size) for path, size in sizes.items()}

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        body = held.get(scope["path"], b"")
        headers = [
            (b"content-type", b"application/vnd.mapbox-vector-tile"),
            (b"content-length", str(len(body)).encode()),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    uvicorn.Server(serving.config(app)).run(sockets=[socket.socket(fileno=number)])


def sizes_of(port: int, paths: list[str]) -> dict[str, int]:
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers={"Accept-Encoding": "identity"}) as client:
        return {path: len(client.get(path).content) for path in paths}


def main() -> list[dict[str, object]]:
    if shutil.which("wrk") is None:
        raise SystemExit(
            "wrk 不在本机，请先安装（Debian：apt install wrk）· install wrk first (Debian: apt install wrk)"
        )
    WORK.mkdir(parents=True, exist_ok=True)
    url = prepared()
    rows = measured(url)
    if not os.environ.get("YUDI_BENCH_KEEP"):
        with psycopg.connect(libpq(database_url()), autocommit=True) as admin:
            drop(admin)
    return rows


def rate(name: str, ours: float, peer: float, at_least: float, note: str = "") -> Comparison:
    """A comparison of answers a second as one of milliseconds an answer."""
    said = f"{ours:,.0f}/s against {peer:,.0f}/s = {ours / peer:.2f} (at least {at_least:g}){note}"
    return Comparison(name, 1000 / ours, 1000 / peer, round(1 / at_least, 3), "ms", said)


def measured(url: Any) -> list[dict[str, object]]:
    table = []
    made: dict[int, float] = {}
    with product(url, 0) as port:
        largest = max(sizes_of(port, [middle(layer, z) for layer in LAYERS for z in range(4, 15)]).values())
        for z, at_least in ((12, 0.95), (14, 0.75)):
            asked(port, addresses(z, 300, 1), 1)
            ours, peer = [], []
            for turn in range(2):
                ours.append(asked(port, addresses(z, 50_000, 10 + turn), SECONDS))
                peer.append(pgbench(url, [same_sql(layer, z) for layer in LAYERS], z))
            made[z] = max(ours)
            table.append(rate(f"z{z} made anew / pgbench with the same SQL", made[z], max(peer), at_least))
    table += beside_peers(url, made)
    table.append(Comparison("largest tile of the middle, z4 to z14", largest, 500_000, 1.0, "bytes"))
    stored = pgbench(url, [same_sql("townships", 12)], 12)
    plain = pgbench(url, [PLAIN.format(z=12)], 12)
    table.append(rate("z12, areas that lie cut / plain SQL", stored, plain, 3))
    table.append(from_memory(url))
    return report("Tiles", table)


def middle(layer: str, z: int) -> str:
    """The path of the tile in the middle of the ground."""
    first, last, top, bottom = ranges(z)
    return f"/tiles/{layer}/{z}/{(first + last) // 2}/{(top + bottom) // 2}.mvt?at={DAY}"


def beside_peers(url: Any, made: dict[int, float]) -> list[Comparison]:
    """tipg and MapServer, as far as they are here, at the same tiles."""
    bounds = {("tipg", 14): 3.0, ("MapServer", 12): 2.0, ("MapServer", 14): 2.0}
    table = []
    tile_peers.fill(url)
    first, last, top, bottom = ranges(12)
    there = tile_peers.present()
    for name in sorted({name for name, _ in bounds} - set(there)):
        print(f"  {name}: not measured, it is not on this machine", flush=True)
    for name, (serve_peer, path) in there.items():
        with serve_peer(url, (12, (first + last) // 2, (top + bottom) // 2)) as port:
            for z in (12, 14):
                chance = random.Random(z)
                first_x, last_x, first_y, last_y = ranges(z)
                paths = [
                    path(i % 2, z, chance.randint(first_x, last_x), chance.randint(first_y, last_y))
                    for i in range(20_000)
                ]
                asked(port, paths[:300], 1)
                peer = asked(port, paths, SECONDS)
                table.append(rate(f"z{z} made anew / {name}", made[z], peer, bounds.get((name, z), 1)))
    return table


def from_memory(url: Any) -> Comparison:
    """One process each: how the kernel deals connections to several is chance."""
    paths = addresses(14, 500, 3)
    cached, from_bare = [], []
    with product(url, 64, processes=1) as port:
        sizes = {path.split("?")[0]: size for path, size in sizes_of(port, paths).items()}
        with server(["-m", "benchmarks.tiles"], sizes, processes=1) as bare_port:
            for one in (port, bare_port):
                asked(one, paths, 1)
            for _ in range(2):
                cached.append(asked(port, paths, SECONDS / 2))
                from_bare.append(asked(bare_port, paths, SECONDS / 2))
    return rate("from memory / bare ASGI route", max(cached), max(from_bare), 0.7)


if __name__ == "__main__":
    bare(int(sys.argv[1]))
