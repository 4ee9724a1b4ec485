"""A database's URL as libpq reads it."""

from __future__ import annotations

from psycopg.conninfo import conninfo_to_dict

from geo.store.engine import libpq, with_driver


def test_a_folder_with_a_blank_a_plus_and_hanzi_survives() -> None:
    url = with_driver(
        "postgresql://postgres@/yudi?host=/home/x/my%20plan%2B%E8%88%86%E5%9C%B0/run&port=54320"
    )
    read = conninfo_to_dict(libpq(url))
    assert read == {"user": "postgres", "dbname": "yudi", "host": "/home/x/my plan+舆地/run", "port": "54320"}
