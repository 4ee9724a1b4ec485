"""变更记录: the changes of public names in the order of their commits (published.change_set, published.change)."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

Row = dict[str, Any]

# change_set_number_key, then change_set_ix. Sets without a number are of transactions that have not ended.
CHANGES = """
    select s.number as change_set, c.id, c.action, cast(c.key as bigint) as number, c.version_id as version, s.at
    from published.change_set s
    join published.change c on c.set_id = s.id
    where c.collection = 'place_names' and s.number >= :change_set and (s.number, c.id) > (:change_set, :change)
    order by s.number, c.id limit :most"""

COLUMNS = (
    "number place_id code name specific generic romanization readings category gb_code status unit_code names_unit meaning"
    " origin history description document approved_by approved_on announcement announced_on sources pictures facts"
    " importance demo geometry_source"
).split()

# place_name_pkey, through the view.
RECORDS = f"""
    select version, {", ".join(COLUMNS)}, lower(valid) as valid_from, upper(valid) as valid_to,
           ST_AsGeoJSON(geometry, 9, 0) as geometry
    from published.place_name_version where version = any(:versions)"""


def after(session: Session, position: tuple[int, int], limit: int) -> list[Row]:
    """Up to limit + 1 changes after a position (number of a change set, id of a change), each with the version's
    public record, None where it is no longer public."""
    found = [
        dict(row)
        for row in session.execute(
            text(CHANGES), {"change_set": position[0], "change": position[1], "most": limit + 1}
        ).mappings()
    ]
    held = records(session, [row["version"] for row in found if row["action"] != "end"])
    for row in found:
        row["record"] = held.get(row["version"]) if row["action"] != "end" else None
    return found


def records(session: Session, versions: list[int]) -> dict[int, Row]:
    """The public records of versions, as far as they are public now."""
    answer: dict[int, Row] = {}
    for row in session.execute(text(RECORDS), {"versions": versions}).mappings():
        record = dict(row)
        record["geometry"] = json.loads(record["geometry"]) if record["geometry"] else None
        answer[record.pop("version")] = record
    return answer
