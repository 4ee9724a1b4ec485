"""Other tile servers over the same names and areas: tipg (Python, PyPI) and MapServer (C, behind lighttpd by FastCGI).

tipg is installed by this file into var/bench/tipg; MapServer and lighttpd are taken where the machine has them (Debian:
cgi-mapserver, lighttpd). Both read tables of their own with what a tile of ours holds: names, and areas as
they are generalised for z 12 and as they are.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import httpx
import psycopg

from benchmarks.measure import WORK
from geo.store.engine import libpq

TIPG = "1.6.1"
PROCESSES = 2
#: What each of the two reads at a zoom.
TABLES = {12: ("names_12", "areas_12"), 14: ("names_14", "areas_14")}

FILL = """
create schema peer;
create table peer.names_14 as select version_id as id, name, label, rank, kind, status, point as geom from published.map_name
    order by ST_GeoHash(ST_Transform(point, 4326), 7);
create table peer.names_12 as select * from peer.names_14 where rank <= 12;
create table peer.areas_14 as select id, name, label, key as code, tint, rank, kind, geometry as geom from published.map_shape
    where layer = 'townships' and to_zoom = 18 order by id;
create table peer.areas_12 as select id, name, label, key as code, tint, rank, kind, geometry as geom from published.map_shape
    where layer = 'townships' and to_zoom = 12 order by id;
"""

MAPFILE = """MAP
  NAME "peer"
  EXTENT -20037508.34 -20037508.34 20037508.34 20037508.34
  UNITS METERS
  SIZE 256 256
  PROJECTION "init=epsg:3857" END
  WEB METADATA "ows_enable_request" "*" "tile_map_edge_buffer" "0" END END
  OUTPUTFORMAT NAME "mvt" DRIVER MVT FORMATOPTION "EXTENT=4096" FORMATOPTION "EDGE_BUFFER=16" END
{layers}
END
"""
LAYER = """  LAYER
    NAME "{name}" TYPE {kind} STATUS ON
    CONNECTIONTYPE POSTGIS CONNECTION "{connection}"
    DATA "geom from peer.{name} using unique id using srid=3857"
    PROCESSING "CLOSE_CONNECTION=DEFER"
    PROJECTION "init=epsg:3857" END
    METADATA "gml_include_items" "all" END
    CLASS STYLE COLOR 0 0 0 END END
  END
"""
CONFIG = 'CONFIG\n  ENV\n    MS_MAPFILE "{work}/peer.map"\n    MS_MAP_PATTERN "."\n  END\nEND\n'
LIGHTTPD = """server.document-root = "{work}"
server.bind = "127.0.0.1"
server.port = {port}
server.modules = ("mod_fastcgi")
server.errorlog = "{work}/lighttpd.log"
server.max-keep-alive-requests = 1000000
fastcgi.server = ("/mapserv" => ((
  "bin-path" => "{mapserv}", "socket" => "{work}/mapserv.socket", "max-procs" => {processes}, "check-local" => "disable",
  "bin-environment" => ("MAPSERVER_CONFIG_FILE" => "{work}/mapserver.conf", "PGOPTIONS" => "-c jit=off"))))
"""


def fill(url: Any) -> None:
    """The peers' tables, where they are not there yet."""
    with psycopg.connect(libpq(url), autocommit=True) as connection:
        if connection.execute("select to_regclass('peer.areas_12')").fetchone() != (None,):
            return
        connection.execute(FILL)
        for table in (t for both in TABLES.values() for t in both):
            connection.execute(f"alter table peer.{table} add primary key (id)")
            connection.execute(f"create index on peer.{table} using gist (geom)")
            connection.execute(f"vacuum analyze peer.{table}")


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def running(command: list[str], settings: dict[str, str], port: int, path: str) -> Iterator[int]:
    """A program that serves, from its first good answer to the path on."""
    with (WORK / "peer.log").open("w") as log:
        process = subprocess.Popen(
            command, env={**os.environ, **settings}, cwd=WORK, stdout=log, stderr=log, process_group=0
        )
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
                until = time.monotonic() + 60
                while True:
                    try:
                        answer = client.get(path)
                        if answer.status_code == 200 and answer.content:
                            break
                    except httpx.TransportError:
                        pass
                    if process.poll() is not None or time.monotonic() > until:
                        raise RuntimeError(f"{command[0]} does not answer; see {WORK / 'peer.log'}")
                    time.sleep(0.2)
            yield port
        finally:
            process.terminate()
            process.wait(20)
            with suppress(ProcessLookupError):  # lighttpd leaves the programs behind that it has started
                os.killpg(process.pid, signal.SIGKILL)


def tipg_path(layer: int, z: int, x: int, y: int) -> str:
    return f"/collections/peer.{TABLES[z][layer]}/tiles/WebMercatorQuad/{z}/{x}/{y}"


@contextmanager
def tipg(url: Any, example: tuple[int, int, int]) -> Iterator[int]:
    """tipg in two processes, as ours."""
    python = WORK / "tipg" / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(WORK / "tipg")], check=True)
    install = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    subprocess.run([*install, f"tipg=={TIPG}", "uvicorn", "uvloop", "httptools"], check=True)
    port = free_port()
    settings = {
        "DATABASE_URL": dsn(url), "TIPG_DB_SCHEMAS": '["peer"]', "PGOPTIONS": "-c jit=off", "TIPG_CATALOG_TTL": "86400",
        "TIPG_TABLE_CONFIG": "{}",
    }  # fmt: skip
    command = [str(python), "-m", "uvicorn", "tipg.main:app", "--workers", str(PROCESSES), "--port", str(port), "--no-access-log",
               "--log-level", "warning"]  # fmt: skip
    with running(command, settings, port, tipg_path(0, *example)) as ready:
        yield ready


def dsn(url: Any) -> str:
    """The database as a URL whose host may be the folder of a socket."""
    host = url.query.get("host") or url.host or "localhost"
    name = url.username or "postgres"
    given = f"{name}:{url.password}" if url.password else name
    port = f":{url.port}" if url.port else ""
    return f"postgresql://{given}@{host.replace('/', '%2F')}{port}/{url.database}"


def mapserver_path(layer: int, z: int, x: int, y: int) -> str:
    return f"/mapserv?mode=tile&tilemode=gmap&tile={x}+{y}+{z}&layers={TABLES[z][layer]}&map.imagetype=mvt"


@contextmanager
def mapserver(url: Any, example: tuple[int, int, int]) -> Iterator[int]:
    """MapServer: four of its processes, which wait for the database one by one and keep their connections, behind lighttpd."""
    lighttpd = str(shutil.which("lighttpd") or "/usr/sbin/lighttpd")
    connection = " ".join(
        f"{key}={value}" for key, value in (
            ("host", url.query.get("host") or url.host), ("port", url.port or url.query.get("port")), ("user", url.username),
            ("password", url.password), ("dbname", url.database),
        ) if value
    )  # fmt: skip
    layers = "".join(
        LAYER.format(name=name, kind=kind, connection=connection)
        for both in TABLES.values() for name, kind in zip(both, ("POINT", "POLYGON"), strict=True)
    )  # fmt: skip
    (WORK / "peer.map").write_text(MAPFILE.format(layers=layers), encoding="utf-8")
    (WORK / "mapserver.conf").write_text(CONFIG.format(work=WORK), encoding="utf-8")
    port = free_port()
    text = LIGHTTPD.format(work=WORK, port=port, mapserv=shutil.which("mapserv"), processes=2 * PROCESSES)
    (WORK / "lighttpd.conf").write_text(text, encoding="utf-8")
    with running(
        [lighttpd, "-D", "-f", str(WORK / "lighttpd.conf")], {}, port, mapserver_path(0, *example)
    ) as ready:
        yield ready


def present() -> dict[str, tuple[Any, Callable[[int, int, int, int], str]]]:
    """The peers that this machine can measure: how to serve, and how a tile is asked for."""
    found: dict[str, tuple[Any, Callable[[int, int, int, int], str]]] = {"tipg": (tipg, tipg_path)}
    if shutil.which("mapserv") and (shutil.which("lighttpd") or os.path.exists("/usr/sbin/lighttpd")):
        found["MapServer"] = (mapserver, mapserver_path)
    return found
