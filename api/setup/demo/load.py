"""Loading (装入) of the demonstration district into an empty database.

Facts (names, codes, years, the reassignment of 2025) are entered in the name of the system's own account and
stay when the demonstration is removed; everything generated carries the mark `demo`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import geopandas
import pandas as pd
import shapely
from geoalchemy2.shape import from_shape
from sqlalchemy import exists, insert, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from api.setup.demo import accounts, applications, names, protection
from api.setup.demo.accounts import Account
from api.setup.demo.delivery import archive, files
from api.setup.demo.facilities import load_facilities
from api.setup.demo.generate import SOURCE, District, generate
from api.setup.demo.layers import Result, line_record, marker_record, tables, tripoint_record
from api.setup.demo.life import REASON, accepted_on, settled_on, steps
from api.setup.demo.plan import exists as has_plan
from api.setup.demo.plan import plan
from api.setup.demo.programme import load_programme
from api.setup.demo.tutorial import write_tutorial
from geo.boundaries.life import EVIDENCE
from geo.boundaries.unit_lists import successions, unit_lists
from geo.names.readings import read
from geo.settings import DistrictSettings
from geo.store import audit, public
from geo.store import files as store_files
from geo.store.boundaries import touch_publication
from geo.store.tables import (
    SRID,
    AdminUnit,
    BoundaryLine,
    BoundaryMarker,
    Demarcation,
    DemarcationStep,
    Submission,
    SubmissionFile,
    Tripoint,
    UnitSuccession,
    User,
)
from geo.terms import Profile, SubmissionState, Verdict

FACTS = "行政区划表（事实）"
#: Rows that one statement inserts.
BATCH = 500


def load_if_empty(
    session: Session, settings: DistrictSettings, *, database: str, demo: District | None = None
) -> list[Account]:
    """Load the demonstration where the database holds no unit and no line, within the caller's transaction.

    session: of the owner's role. database: what tells this database from another, kept beside the accounts.
    demo: the district where it has been generated already. Returns the demonstration's accounts with their passwords: the new ones, or those kept from the first
    time; none where the database was filled otherwise. The file of the accounts is written at once: call
    it last before the commit.
    """
    if session.scalar(select(exists().where(AdminUnit.id > 0))) or session.scalar(
        select(exists().where(Demarcation.code > ""))
    ):
        return accounts.kept(database)
    if demo is None and not has_plan(settings.code):
        load_units(session, settings, shapes={}, made_by=0)
        entered = names.load_names(session, seed=int(settings.code))
        audit.append(
            session, actor=None, act="load", subject_kind="units", subject=settings.code,
            reason="装入行政区划表和地名名录：数据库为空，该区没有演示数据", after={"names": entered.facts},
        )  # fmt: skip
        return []
    with ThreadPoolExecutor(2) as pool:
        drawing = pool.submit(accounts.drawn)
        # The search forms of the names need the table of phrases: read it meanwhile.
        pool.submit(read, settings.name)
        demo = demo or generate(settings=settings)
        homes = accounts.townships(
            session, dict(zip(demo.townships["code"], demo.townships["name"], strict=True))
        )
        made, people = accounts.add(session, settings, drawing.result(), homes)
    source = _submission(session, demo, people)
    load_units(session, settings, shapes=_geographic(demo.units), made_by=people["approver"].id)
    entered = names.load_names(session, seed=demo.plan.seed)
    protection.load_lists(session, settings.code, people, demo.plan.as_of)
    # Before the announcements, which print the head of the chain.
    audit.append(
        session, actor=None, act="load", subject_kind="names", subject=settings.code,
        reason="装入政区、地名名录和演示申请（虚构）：数据库为空",
        after={"names": entered.facts, "invented_names": entered.invented},
    )  # fmt: skip
    towns = demo.townships.to_crs(SRID)
    applications.load_applications(
        session, settings, people, list(zip(towns["code"], towns.geometry, strict=True)), demo.plan.as_of
    )
    _lines(session, demo, source, people)
    _points(session, demo, source, people)
    care = load_facilities(session, demo, people)
    items = load_programme(session, people, demo.plan.seed, demo.plan.as_of)
    # Once, on the day that the geometry is of: outlines and lines agree, so no earlier day looks different.
    public.refresh(session, settings, demo.plan.as_of)
    touch_publication(session, settings.code)
    audit.append(
        session, actor=None, act="load", subject_kind="demo", subject=settings.code,
        reason="装入演示数据（虚构）：数据库为空",
        after={
            "lines": len(demo.lines), "markers": len(demo.markers), "accounts": sorted(people),
            "names": entered.facts, "invented_names": entered.invented, "programme": items, **care,
        },
    )  # fmt: skip
    write_tutorial(accounts.store_path().parent / "tutorial", demo)
    accounts.keep(made, database)
    return made


def load_missing_names(session: Session, settings: DistrictSettings) -> bool:
    """Enter the names where a database has this system's units and an empty register; whether it did.

    A database that was filled before the register came gets what a new one gets: real names, and invented ones
    where its units have generated areas.
    """
    if not names.wanted(session):
        return False
    entered = names.load_names(
        session, seed=plan(settings.code).seed if has_plan(settings.code) else int(settings.code)
    )
    audit.append(
        session, actor=None, act="load", subject_kind="names", subject=settings.code,
        reason="装入地名名录：地名库为空", after={"names": entered.facts, "invented_names": entered.invented},
    )  # fmt: skip
    return True


def load_units(
    session: Session,
    settings: DistrictSettings,
    *,
    shapes: Mapping[str, shapely.Geometry],
    made_by: int,
    only_missing: bool = False,
) -> None:
    """Enter the unit lists: every life of every unit, with a generated outline where there is one.

    shapes: polygons in EPSG:4490 by code; rows that have one are demonstration data, the others facts.
    only_missing: leave out units of which the database holds any version, and all successions.
    """
    system = accounts.system_user(session).id
    known = set(session.scalars(select(AdminUnit.code))) if only_missing else set()
    rows = []
    for life in unit_lists().to_dict("records"):
        if life["code"] in known:
            continue
        shape = shapes.get(life["code"])
        rows.append(
            {
                **{k: life[k] for k in ("code", "statistical", "name", "level", "kind", "document")},
                "parent_code": life["parent"],
                "source": life["source"] + (f"；范围：{SOURCE}" if shape is not None else ""),
                "valid": Range(life["valid_from"], life["valid_to"], bounds="[)"),
                "reason": REASON if shape is not None else FACTS,
                "demo": shape is not None,
                "made_by": made_by if shape is not None else system,
                "geometry": None if shape is None else _stored(_multi(shape)),
                "geometry_source": None if shape is None else "demo",
            }
        )
    _insert(session, AdminUnit, rows)
    if only_missing:
        return
    moved = [
        {k: r[k] for k in ("from_code", "to_code", "to_name", "kind", "on_date", "document", "source")}
        for r in successions().to_dict("records")
    ]
    _insert(session, UnitSuccession, moved)


def _submission(session: Session, demo: District, people: Mapping[str, User]) -> Submission:
    """The delivery that the accepted records are said to come from: a real zip of them, kept as any other."""
    accepted = demo.lines[[accepted_on(r) is not None for r in demo.lines.itertuples()]]
    own = demo.markers[demo.markers["line_code"].isin(accepted["code"])]
    result = Result(
        lines=[line_record(r) for r in accepted.itertuples()],
        markers=[marker_record(r) for r in own.itertuples()],
        tripoints=[tripoint_record(r) for r in _met(demo, accepted).itertuples()],
    )
    members = [m for table in tables(result) for m in files(table).items()]
    name = "演示成果（虚构）.zip"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "demo.zip"
        path.write_bytes(archive(members))
        kept = store_files.keep(session, path, "application/zip")
    surveyor = people["surveyor"]
    day = datetime.combine(date(2024, 11, 20), time(1, 30), UTC)
    row = Submission(
        district=demo.settings.code, profile=Profile.TOWNSHIP.value, state=SubmissionState.ACCEPTED.value,
        verdict=Verdict.ACCEPT.value, submitted_by=surveyor.id, organisation_id=surveyor.organisation_id,
        report={"file": name, "sha256": kept.sha256, "profile": Profile.TOWNSHIP.value,
                "verdict": Verdict.ACCEPT.value, "layers": [], "findings": []},
        progress=1.0, version=2, created=day, checked=day, decided=day, decided_by=people["approver"].id,
        decision_reason=REASON, demo=True,
    )  # fmt: skip
    session.add(row)
    session.flush()
    session.add(SubmissionFile(submission_id=row.id, sha256=kept.sha256, filename=name))
    session.flush()
    return row


def _lines(session: Session, demo: District, source: Submission, people: Mapping[str, User]) -> None:
    """Every line to be demarcated with its steps; a version of those whose results were accepted."""
    papers = _papers(session)
    lines = pd.concat([demo.lines, demo.county_lines], ignore_index=True)
    shapes = geopandas.GeoSeries(lines["geometry"], crs=demo.lines.crs).to_crs(SRID)
    cases, taken, versions = [], [], []
    for row, shape in zip(lines.itertuples(), shapes, strict=True):
        way = steps(row)
        cases.append(
            {
                "code": row.code, "name": row.name, "unit_a": min(row.left_code, row.right_code),
                "unit_b": max(row.left_code, row.right_code), "level": row.level,
                "district": demo.settings.code, "state": row.state, "in_dispute": bool(row.in_dispute),
                "inspection_due": row.inspection_due, "version": 1 + len(way), "demo": True,
            }
        )  # fmt: skip
        for number, step in enumerate(way, 2):
            taken.append(
                {
                    "code": row.code, "version": number, "transition": step.transition,
                    "from_state": step.from_state, "to_state": step.to_state, "on_date": step.on_date,
                    "actor_id": people[step.login].id, "reason": REASON, "demo": True,
                    "evidence": [
                        p | ({"sha256": papers[p["kind"]]} if p["kind"] != "submission"
                             else {"number": str(source.number)})
                        for p in step.evidence
                    ],
                }
            )  # fmt: skip
        since = accepted_on(row)
        if since is not None:
            settled = settled_on(row)
            versions.append(
                {
                    "code": row.code, "name": row.name, "left_code": row.left_code,
                    "right_code": row.right_code, "level": row.level,
                    "document": row.document if settled else None,
                    "facts": {"source": SOURCE}, "geometry": _stored(shape), "length_m": row.length_m,
                    "valid": Range(since, None, bounds="[)"), "reason": REASON, "demo": True,
                    "submission_id": source.id, "made_by": people["approver"].id,
                }
            )  # fmt: skip
    _insert(session, Demarcation, cases)
    _insert(session, DemarcationStep, taken)
    _insert(session, BoundaryLine, versions)


def _points(session: Session, demo: District, source: Submission, people: Mapping[str, User]) -> None:
    """Markers and tripoints of the accepted lines."""
    since = {r.code: accepted_on(r) for r in demo.lines.itertuples()}
    accepted = demo.lines[[since[c] is not None for c in demo.lines["code"]]]
    common = {
        "reason": REASON, "demo": True, "submission_id": source.id, "made_by": people["approver"].id,
    }  # fmt: skip
    marks = demo.markers[demo.markers["line_code"].isin(accepted["code"])]
    rows = [
        {
            "number": r.number, "display_number": r.display_number, "line_code": r.line_code, "kind": r.kind,
            "height": r.height, "accuracy_m": r.accuracy_m, "condition": r.condition,
            "facts": {"custodian": r.custodian, "source": SOURCE}
            | ({} if r.kind == "Q" else {"offset_m": r.offset_m}),
            "geometry": _stored(r.geometry), "valid": Range(since[r.line_code], None, bounds="[)"), **common,
        }
        for r in marks.to_crs(SRID).itertuples()
    ]  # fmt: skip
    _insert(session, BoundaryMarker, rows)
    ends = _met(demo, accepted)
    first: dict[tuple[float, float], date] = {}
    for r in accepted.itertuples():
        for end in (r.geometry.coords[0], r.geometry.coords[-1]):
            day = since[r.code]
            assert day is not None
            first[end] = min(day, first.get(end, day))
    rows = [
        {
            "number": r.number, "unit1": r.unit1, "unit2": r.unit2, "unit3": r.unit3, "height": r.height,
            "geometry": _stored(place), "valid": Range(first[(r.geometry.x, r.geometry.y)], None, bounds="[)"),
            **common,
        }
        for r, place in zip(ends.itertuples(), ends.to_crs(SRID).geometry, strict=True)
    ]  # fmt: skip
    _insert(session, Tripoint, rows)


def _met(demo: District, lines: geopandas.GeoDataFrame) -> geopandas.GeoDataFrame:
    """The tripoints at the ends of lines."""
    ends = {p for g in lines.geometry for p in (g.coords[0], g.coords[-1])}
    return demo.tripoints[[(p.x, p.y) in ends for p in demo.tripoints.geometry]]


def _papers(session: Session) -> dict[str, str]:
    """One plain file for each kind of evidence, that says what it stands for; digests by kind."""
    digests = {}
    with tempfile.TemporaryDirectory() as folder:
        for kind, what in EVIDENCE.items():
            path = Path(folder) / f"{kind}.txt"
            path.write_text(
                f"演示文件（虚构）：{what.zh}\nDemonstration paper (invented): {what.en}\n", encoding="utf-8"
            )
            digests[kind] = store_files.keep(session, path, "text/plain; charset=utf-8").sha256
    return digests


def _geographic(units: geopandas.GeoDataFrame) -> dict[str, shapely.Geometry]:
    return dict(zip(units["code"], units.geometry.to_crs(SRID), strict=True))


def _multi(shape: shapely.Geometry) -> shapely.Geometry:
    return shape if shape.geom_type == "MultiPolygon" else shapely.MultiPolygon([shape])


def _stored(shape: shapely.Geometry) -> Any:
    return from_shape(shape, srid=SRID)


def _insert(session: Session, table: Any, rows: Iterable[dict[str, Any]]) -> None:
    every = list(rows)
    for start in range(0, len(every), BATCH):
        session.execute(insert(table), every[start : start + BATCH])
    session.flush()
