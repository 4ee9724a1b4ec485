"""System packages: PostgreSQL with PostGIS."""

from __future__ import annotations

from api.setup.binaries import binaries
from geo.problems import Unavailable
from geo.text import Text


class NoPostgres(Unavailable):
    """PostgreSQL with PostGIS is missing."""

    code = "no-postgres"
    title = Text(
        "缺少 PostgreSQL（15–18）与 PostGIS：请管理员安装 {packages}，或设置 YUDI_DATABASE_URL",
        "PostgreSQL (15–18) with PostGIS is missing: ask the administrator for {packages}, or set YUDI_DATABASE_URL",
    )


def provide_postgres() -> None:
    """See that PostgreSQL with PostGIS is there. Raises NoPostgres."""
    if binaries() is None:
        raise NoPostgres(packages="postgresql, postgresql-postgis")
