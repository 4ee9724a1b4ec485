"""Layer and Reading: what a file turned out to hold, and how that was decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from geo.terms import Profile, Role
from geo.text import Text

# Imported for the type checker only: the command line asks for these classes long before it needs GDAL.
if TYPE_CHECKING:
    import geopandas
    import numpy as np
    import pyproj
    from numpy.typing import NDArray

    from geo.findings import Finding


@dataclass(frozen=True, slots=True)
class CrsDecision:
    """Which reference system (坐标系) a layer is read in, and why.

    source: "declared" in the file, "given" by a person, "guessed" from the numbers, or "none".
    authorised: whether a transformation to EPSG:4490 of known accuracy exists.
    swapped: the coordinates are northing/easting and are read the other way round.
    """

    crs: pyproj.CRS | None
    epsg: int | None
    name: str
    source: str
    reason: Text
    authorised: bool = True
    swapped: bool = False

    def to_json(self) -> dict[str, Any] | None:
        if self.crs is None and self.epsg is None:
            return None
        return {"epsg": self.epsg, "name": self.name, "source": self.source}


@dataclass(frozen=True, slots=True)
class EncodingDecision:
    """Which text encoding (字符编码) the attributes are read in, and why; `source` as in CrsDecision."""

    name: str
    source: str
    reason: Text

    def to_json(self) -> dict[str, Any]:
        return {"name": self.name, "source": self.source}


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What a surveyor decided by hand; everything None or empty on a first upload.

    role: of every layer; roles: by layer name. crs: EPSG code. encoding: Python codec name.
    fields: by layer name, our name -> field in the file. remembered: mappings kept from the same
    firm's earlier uploads, by the sorted tuple of field names.
    ring: for point tables, whether the points in order make a ring (True), a line (False), or it
    is decided from the columns (None).
    swapped: a person confirmed that northing and easting stand the other way round.
    """

    profile: Profile = Profile.TOWNSHIP
    role: Role | None = None
    roles: Mapping[str, Role] = field(default_factory=dict)
    crs: int | None = None
    encoding: str | None = None
    fields: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    remembered: Mapping[tuple[str, ...], Mapping[str, str]] = field(default_factory=dict)
    ring: bool | None = None
    swapped: bool | None = None


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer as read: nothing dropped, nothing mended but what its findings say.

    frame: index = record number from 0 as in the file, deleted rows absent (they are in `deleted`);
    columns = the file's field names after decoding, then `geometry`, 2D, in the file's coordinates,
    longitude or easting first. z: height by row position, NaN where there is none. fids: by row position,
    the ids that a GeoPackage gives its features (FID); None for other formats.
    features: physical records, deleted ones too. fields: our name -> column of `frame`.
    oriented: records whose raw rings run the wrong way (GE04).
    unclosed: rows with a ring that was left open in the file; closed in `frame` (GE02).
    unread: records whose geometry is there and cannot be read (UP13): not empty ones (GE01).
    bare: records without a row in the attribute table, which is absent or cut short (UP03, UP12, UP13).
    recognised: why the role is what it is.
    """

    name: str
    role: Role | None
    geometry_type: str
    features: int
    frame: geopandas.GeoDataFrame
    crs: CrsDecision
    encoding: EncodingDecision | None
    fields: Mapping[str, str]
    z: NDArray[np.float64] | None = None
    has_m: bool = False
    fids: NDArray[np.int64] | None = None
    deleted: tuple[int, ...] = ()
    oriented: tuple[int, ...] = ()
    unclosed: tuple[int, ...] = ()
    unread: tuple[int, ...] = ()
    bare: tuple[int, ...] = ()
    recognised: Text | None = None

    def to_json(self) -> dict[str, Any]:
        """The layer as in docs/contract.md."""
        return {
            "name": self.name,
            "role": None if self.role is None else self.role.value,
            "geometry_type": self.geometry_type,
            "features": self.features,
            "crs": self.crs.to_json(),
            "encoding": None if self.encoding is None else self.encoding.to_json(),
            "fields": dict(self.fields),
        }


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading one file gave: its layers and the findings met on the way (UP, EN, CR01-CR07)."""

    file: str
    sha256: str
    layers: tuple[Layer, ...] = ()
    findings: tuple[Finding, ...] = ()
