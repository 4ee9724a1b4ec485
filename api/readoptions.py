"""What a surveyor may decide by hand about a file (读取选项), as it comes over HTTP or the command line."""

from __future__ import annotations

import codecs
from typing import Annotated, Any

import pyproj
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pyproj.exceptions import CRSError

from geo.reading.layers import ReadOptions
from geo.terms import Profile, Role


def known_crs(code: int | None) -> int | None:
    """An EPSG code that PROJ knows. Raises ValueError."""
    if code is not None:
        try:
            pyproj.CRS.from_epsg(code)
        except CRSError:
            raise ValueError(f"没有 EPSG:{code} 这一坐标系 · there is no EPSG:{code}") from None
    return code


def known_encoding(name: str | None) -> str | None:
    """A text encoding that Python knows. Raises ValueError."""
    if name is None:
        return None
    try:
        found = codecs.lookup(name)
    except (LookupError, ValueError):
        raise ValueError(f"不认识的编码 {name!r} · unknown encoding") from None
    if not found._is_text_encoding:
        raise ValueError(f"{name!r} 不是文字编码 · is no text encoding")
    return name


Crs = Annotated[
    int | None,
    Field(None, ge=1024, le=10_000_000, description="EPSG 代码 EPSG code"),
    AfterValidator(known_crs),
]
Encoding = Annotated[
    str | None,
    Field(None, max_length=40, description="字符编码，如 gb18030 Text encoding"),
    AfterValidator(known_encoding),
]
Name = Annotated[str, Field(min_length=1, max_length=300)]


class UploadOptionsIn(BaseModel):
    """随文件一起给出的选项 What may come with a file."""

    model_config = ConfigDict(extra="ignore")

    profile: Profile = Profile.TOWNSHIP
    role: Role | None = Field(None, description="各图层的内容 What every layer holds")
    crs: Crs = None
    encoding: Encoding = None

    def to_options(self) -> ReadOptions:
        return ReadOptions(profile=self.profile, role=self.role, crs=self.crs, encoding=self.encoding)


class OptionsIn(UploadOptionsIn):
    """重新检查的选项 What a recheck may change, layer by layer."""

    model_config = ConfigDict(extra="forbid")

    roles: dict[Name, Role] = Field(default_factory=dict, max_length=100, description="图层名到内容")
    fields: dict[Name, dict[Name, Name]] = Field(
        default_factory=dict, max_length=100, description="图层名到（本系统字段名到文件字段名）"
    )
    ring: bool | None = Field(None, description="拐点表按序成环（true）或成线（false）")

    def to_options(self) -> ReadOptions:
        return ReadOptions(
            profile=self.profile,
            role=self.role,
            roles=dict(self.roles),
            crs=self.crs,
            encoding=self.encoding,
            fields={layer: dict(names) for layer, names in self.fields.items()},
            ring=self.ring,
        )


def upload_options(fields: dict[str, str]) -> UploadOptionsIn:
    """The options among a form's fields; an empty field is one not given. Raises ValidationError."""
    given: dict[str, Any] = {name: value.strip() for name, value in fields.items() if value.strip()}
    return UploadOptionsIn.model_validate(given)
