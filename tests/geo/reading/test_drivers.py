"""No driver but the allowed ones opens an upload: neither to list its layers nor to read them."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path

import fiona
import pytest

from geo.inspection import inspect_apart
from geo.reading import describe
from geo.reading.layers import ReadOptions
from geo.reading.notes import Notes, Refused
from geo.reading.package import Dataset
from geo.settings import Limits
from geo.terms import Profile
from tests.geo.reading.conftest import codes
from tests.geo.reading.made import put, zipped

GML = (
    '<gml:FeatureCollection xmlns:gml="http://www.opengis.net/gml"><gml:featureMember><a><gml:pointProperty>'
    "<gml:Point><gml:coordinates>106,29</gml:coordinates></gml:Point></gml:pointProperty></a></gml:featureMember>"
    "</gml:FeatureCollection>"
)
ALLOWED = {name for names in describe.DRIVERS.values() for name in names}


@pytest.fixture
def elsewhere() -> Iterator[socket.socket]:
    """Another machine: whoever follows a link there has connected."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server
        with pytest.raises(BlockingIOError):
            server.accept()


def virtual(server: socket.socket) -> str:
    address = f"http://127.0.0.1:{server.getsockname()[1]}/points.csv"
    return (
        f'<OGRVRTDataSource><OGRVRTLayer name="points"><SrcDataSource>CSV:/vsicurl/{address}</SrcDataSource>'
        "<GeometryType>wkbPoint</GeometryType></OGRVRTLayer></OGRVRTDataSource>"
    )


@pytest.mark.parametrize("kind", sorted(describe.DRIVERS))
def test_another_drivers_file_is_not_opened_whatever_it_is_taken_for(
    kind: str, tmp_path: Path, elsewhere: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    ending = {"shapefile": "shp", "geopackage": "gpkg", "geodatabase": "gdb", "json": "geojson"}[kind]
    if kind != "json":  # whose files are written by our own reader

        def listed(path: str) -> list[str]:
            raise AssertionError("listed with all drivers")

        monkeypatch.setattr(fiona, "listlayers", listed)
    for content in (virtual(elsewhere), GML, "name,link\na,http://127.0.0.1/x\n"):
        path = put(tmp_path, f"upload.{ending}", content)
        notes = Notes(Profile.TOWNSHIP)
        with contextlib.suppress(Refused):
            assert describe.layers(Dataset(kind, "upload", path), Limits(), notes) == []
        assert [f.code for f in notes.findings] and all(f.code == "UP13" for f in notes.findings)


@pytest.mark.parametrize("name", ["a.vrt", "a.gpkg", "a.geojson", "a.kml", "a.csv", "a.gml"])
def test_a_virtual_format_is_refused_under_every_name(take, name: str, elsewhere: socket.socket) -> None:
    text = virtual(elsewhere)
    for got in (take(text, name), take(zipped({name: text.encode()}), "a.zip")):
        assert not got.layers and codes(got, "error") & {"UP02", "UP09", "UP13"}


class Asking:
    """Surroundings that tell which drivers the reading process has, in either GDAL."""

    @property
    def district(self) -> None:
        import pyogrio

        with fiona.Env() as environment:
            raise RuntimeError(f"drivers: {sorted({*environment.drivers(), *pyogrio.list_drivers()})}")


def test_the_reading_process_has_no_other_drivers(tmp_path: Path) -> None:
    path = put(tmp_path, "a.csv", "点号,X,Y\n1,3300000.125,36370000.25\n")
    (finding,) = inspect_apart(path, ReadOptions(), Limits(), Asking()).report["findings"]  # type: ignore[arg-type]
    assert f"drivers: {sorted(ALLOWED)}" in finding["message"]
