"""附图: the map that goes with a decision, an opinion, a filing or an announcement, drawn from the data."""

from __future__ import annotations

import os

import shapely
from sqlalchemy.orm import Session

from geo.store.attached_map import ground
from geo.store.tables import CaseDocument
from maps.documents.facts import Announcement, Facts
from maps.documents.kinds import Kind
from maps.sheets import Sheet, place_sheet
from maps.sheets.words import NO_APPROVAL

#: The documents that take a map along.
WITH_MAP = frozenset({Kind.APPROVAL, Kind.OPINION, Kind.FILING, Kind.ANNOUNCEMENT})
SOURCES = "地名库、行政区域界线成果"


def attached(session: Session, row: CaseDocument, said: Facts) -> Sheet | None:
    """The map of the names that a document is about, as the published data stood on its date.

    None for a document that takes none along, or where no name has a geometry.
    """
    if Kind(row.kind) not in WITH_MAP or (isinstance(said, Announcement) and said.withdraws):
        return None
    spots = [
        place_sheet.Spot(place.name, shape)
        for place, given in zip(said.places, row.facts.get("shapes") or (), strict=False)
        if given and not (shape := shapely.geometry.shape(given)).is_empty
    ]
    if not spots:
        return None
    west, south, east, north = place_sheet.extent(spots)
    across, up = east - west, north - south
    found = ground(session, row.district, (west - across, south - up, east + across, north + up), said.on)
    # A name that has entered the register since is drawn as what it was when it was asked for.
    own = {text for place in said.places for text in (place.name, place.former)}
    units = found.units[found.units.geometry.notna() & ~found.units.geometry.is_empty]
    townships, county = units[units["level"] == "township"], units[units["level"] == "county"]
    names = found.names[~found.names["name"].isin(own)]
    return place_sheet.build(
        spots,
        [place_sheet.Spot(str(n.name), n.geometry, i) for i, n in enumerate(names.itertuples(index=False))],
        [place_sheet.Spot(str(u.name), u.geometry) for u in townships.itertuples(index=False)],
        on=said.on,
        approval=os.environ.get("YUDI_MAP_APPROVAL", "").strip() or NO_APPROVAL.zh,
        demo=said.demo or bool(names["demo"].any()) or bool(units["demo"].any()),
        title=f"{said.plan}地名位置图" if said.plan else "",
        sources=SOURCES,
        outline=None if county.empty else shapely.union_all(county.geometry.to_numpy()),
    )
