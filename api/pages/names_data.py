"""开放数据 /names/data: the public part of the register as files, what is in them, and the services beside them."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.pages.rendering import page, viewing_date
from api.sharing import about_of
from geo.names.register import columns
from geo.store.name_export import KEYS
from geo.text import Text

router = APIRouter(include_in_schema=False)

FILES = (
    (
        "csv",
        "CSV",
        Text("表格，UTF-8，可用 Excel 打开，可再导入", "A table in UTF-8; opens in Excel, can be imported"),
    ),
    ("geojson", "GeoJSON", Text("含位置，EPSG:4490，经度在前", "With positions, EPSG:4490, longitude first")),
    ("gpkg", "GeoPackage", Text("可用 QGIS、ArcGIS 打开", "Opens in QGIS and ArcGIS")),
    (
        "lpf.json",
        "Linked Places",
        Text("各时期名称、来源、沿革，JSON-LD", "Names over time with sources and successions, as JSON-LD"),
    ),
)


@router.get("/names/data")
def show(request: Request) -> Response:
    """The page of open data."""
    about = about_of(request, viewing_date(request))
    known = columns()
    return page(
        request,
        "names_data.html",
        files=FILES,
        # A name with a degree of secrecy (密级) is in no public file, so the column stays empty there.
        fields=[(key, known[key].title) for key in KEYS if key != "secrecy"],
        attribution=about.attribution,
        base=about.base,
    )
