"""Describe: which layers a data set holds, as fiona tells it through a list of allowed drivers."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from geo.reading.notes import Notes
from geo.reading.package import UP08, Dataset
from geo.reading.shapefile import UP13
from geo.settings import Limits

#: The only drivers that may open a file of each kind. A driver that is not here is never tried: GDAL
#: would otherwise follow a virtual format to other files or to the network.
DRIVERS = {
    "shapefile": ["ESRI Shapefile"],
    "geopackage": ["GPKG"],
    "geodatabase": ["OpenFileGDB"],
    "json": ["GeoJSON", "TopoJSON"],
}
#: Kinds whose layers are listed from the file as it was sent. A GeoJSON is written by our own reader before.
CONTAINERS = ("geopackage", "geodatabase")


@dataclass(frozen=True, slots=True)
class Described:
    """One layer as described. geometry: GDAL's name of its type; crs: WKT, "" where there is none."""

    name: str
    geometry: str
    features: int
    fields: int
    crs: str


def layers(dataset: Dataset, limits: Limits, notes: Notes) -> list[Described]:
    """The layers of a data set, those without geometry too (their geometry is "None").

    Raises Refused where no allowed driver opens it (UP13) or it goes over a limit (UP08).
    """
    import fiona
    from fiona._err import CPLE_BaseError
    from fiona.errors import FionaError

    allowed = DRIVERS[dataset.kind]
    found: list[Described] = []
    # A shapefile is one layer, and to list it would be to open it twice.
    only = dataset.path.stem if dataset.kind == "shapefile" else None
    with quiet(), _drivers(allowed), fiona.Env():
        try:
            if dataset.kind in CONTAINERS:
                # To list layers takes no list of drivers: only what an allowed one has opened is listed.
                fiona.open(str(dataset.path), enabled_drivers=allowed).close()
            names = [only] if only is not None else fiona.listlayers(str(dataset.path))
        except (FionaError, CPLE_BaseError, ValueError, UnicodeDecodeError) as error:
            raise notes.refuse(UP13, dataset.name, why(error), layer=dataset.name) from None
        if len(names) > limits.layers:
            raise notes.refuse(UP08, f"图层 {len(names)} > {limits.layers} (layers)")
        for name in names:
            try:
                with fiona.open(str(dataset.path), layer=name, enabled_drivers=allowed) as source:
                    schema = source.schema
                    found.append(
                        Described(
                            name,
                            schema["geometry"],
                            _count(source),
                            len(schema["properties"]),
                            source.crs_wkt or "",
                        )
                    )
            except (FionaError, CPLE_BaseError, ValueError, UnicodeDecodeError, OSError) as error:
                if only is not None:
                    raise notes.refuse(UP13, dataset.name, why(error), layer=dataset.name) from None
                notes.say(UP13, name, why(error), layer=name)
    for layer in found:
        if layer.fields > limits.fields:
            raise notes.refuse(UP08, f"{layer.name}：字段 {layer.fields} > {limits.fields} (fields)")
    return found


def _count(source: object) -> int:
    try:
        return len(source)  # type: ignore[arg-type]
    except TypeError:
        return -1  # the driver would have to read everything to know


def why(error: Exception) -> str:
    """GDAL's words without the path of our work folder."""
    said = getattr(error, "errmsg", None) or str(error)  # CPLE errors say their numbers first
    text = said.splitlines()[0] if said else type(error).__name__
    return text.split("/")[0].strip(" :'") or type(error).__name__


@contextmanager
def _drivers(allowed: list[str]) -> Iterator[None]:
    """TopoJSON is in fiona's GDAL but not in its own list of supported drivers."""
    from fiona.drvsupport import supported_drivers

    extra = [name for name in allowed if name not in supported_drivers]
    supported_drivers.update(dict.fromkeys(extra, "r"))
    try:
        yield
    finally:
        for name in extra:
            supported_drivers.pop(name, None)


@contextmanager
def quiet() -> Iterator[None]:
    """GDAL's remarks on a file are not Python's warnings: what matters is found by our own readers."""
    import logging

    logger = logging.getLogger("fiona")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)


def allow_only() -> None:
    """Take every driver that is not in DRIVERS out of this process for good, from fiona's GDAL and from pyogrio's,
    which takes no list. Both register all of them again where GDAL_SKIP is not in the environment."""
    import fiona
    import pyogrio
    from pyogrio import _ogr

    with fiona.Env() as environment:
        known = {*environment.drivers(), *pyogrio.list_drivers()}
    allowed = {name for names in DRIVERS.values() for name in names}
    os.environ["GDAL_SKIP"] = ",".join(sorted(known - allowed))
    # Within this one, which stays, none registers anew: that takes some milliseconds each time.
    fiona.Env().__enter__()
    _ogr._register_drivers()
