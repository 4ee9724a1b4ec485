"""The fence around maps (地图管理): without a map-approval number (审图号) no public map leaves this machine.

A map that is all of a page, a sheet or a tile is refused; a page that holds a small map among other things shows
the sentence in the map's place. Who works with the results sees the maps of his work: they are not published.
"""

from __future__ import annotations

from api.security.access import OFFICERS
from api.security.person import Person
from api.security.settings import DoorSettings
from geo.problems import NotAllowed
from geo.text import Text


class MapNotApproved(NotAllowed):
    """Public maps have no approval number, and the site is reached from other machines."""

    code = "map-not-approved"
    title = Text(
        "未配置审图号，公众地图只能在本机查看：本站对外监听或设有公开地址，故不提供地图。"
        "请送审后设置 YUDI_MAP_APPROVAL 再启动；仅在本机查看时，去掉 --host 和 YUDI_PUBLIC_URL",
        "No map-approval number is configured, so public maps are for this machine alone; this site listens to others "
        "or has a public address, and shows none. Have the maps reviewed and set YUDI_MAP_APPROVAL, or leave out "
        "--host and YUDI_PUBLIC_URL to look at them here",
    )


#: What is a map from edge to edge, its data or a sheet of it.
MAPS = ("/maps/", "/embed/", "/oembed", "/api/v1/maps/", "/basemap/")
SHEETS = ("/facilities/leaflet",)
#: Maps that officers see in a version of their own, which is not published.
INTERNAL = ("/maps/boundaries",)


def is_map(route: str) -> bool:
    """Whether a route answers a public map. route: its path as declared."""
    return (
        route.startswith(MAPS) or route in SHEETS or (route.startswith("/ogc/") and route.endswith("{col}"))
    )


def fenced(settings: DoorSettings, person: Person | None) -> bool:
    """Whether maps are kept from this person."""
    return settings.maps_fenced and not (person is not None and person.holds(*OFFICERS))


def guard(route: str, settings: DoorSettings, person: Person | None) -> None:
    """Raise MapNotApproved where a route is a map that may not leave this machine."""
    if settings.maps_fenced and is_map(route) and not (route in INTERNAL and not fenced(settings, person)):
        raise MapNotApproved()
