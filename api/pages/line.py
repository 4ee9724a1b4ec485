"""界线 /boundaries/{code}: where a line stands, how it came there, and the steps that may be taken now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.responses import RedirectResponse, Response

from api.acts import demarcate
from api.doors import Seeing, Sight, district_of, transaction
from api.intake import media_type, safe_name
from api.pages.forms import NotConfirmed, day, received, whole
from api.pages.rendering import actor_of, page, person_of, sight_of, status_of, viewing_date
from geo.boundaries.life import ACCEPT, EVIDENCE, LIFE, acceptance_moves
from geo.machine import Transition
from geo.problems import Problem
from geo.store import files, lists, units
from geo.terms import LineState
from geo.text import Text

router = APIRouter(include_in_schema=False)

#: Documents that both sides sign and seal.
SIGNED = frozenset({"alignment_map", "agreement", "agreement_map", "settlement"})

#: The states that a demarcation runs through; `changing` is shown only where the line is in it.
COURSE = tuple(state for state in LineState if state is not LineState.CHANGING)


@router.get("/boundaries/{code}")
def show(request: Request, code: str, sight: Seeing) -> Response:
    """The page of one line. Raises NoSuchLine."""
    return _page(request, code, sight)


@router.post("/boundaries/{code}/transitions")
async def take(request: Request, code: str) -> Response:
    """Take one step with its papers; a refusal shows the page again and says what is missing."""
    async with request.form() as form:
        return await run_in_threadpool(_take, request, code, form)


def _take(request: Request, code: str, form: FormData) -> Response:
    actor = actor_of(request)
    name = str(form.get("transition") or "")
    try:
        if form.get("confirmed") != "yes":
            raise NotConfirmed()
        with transaction(request) as session:
            demarcate.take_step(
                session,
                actor,
                code,
                name,
                reason=str(form.get("reason") or "").strip(),
                version=whole(form, "version"),
                evidence=list(_papers(session, form)),
                on_date=day(form, "on_date"),
            )
    except Problem as problem:
        with sight_of(request) as sight:
            return _page(request, code, sight, problem=problem, chosen=name)
    return RedirectResponse(f"/boundaries/{code}?done=step", status_code=303)


def _papers(session: Session, form: FormData) -> Iterator[dict[str, Any]]:
    """证据: the documents that the form names, their files kept by SHA-256."""
    for kind in dict.fromkeys(str(k) for k in form.getlist("kind")):
        paper: dict[str, Any] = {
            key: str(form.get(f"{key}:{kind}") or "").strip() for key in ("title", "number")
        }
        on = day(form, f"date:{kind}")
        paper["date"] = on.isoformat() if on else ""
        file = form.get(f"file:{kind}")
        if isinstance(file, UploadFile) and file.filename:
            paper["sha256"] = _keep(session, file)
            paper["title"] = paper["title"] or safe_name(file.filename)
        signed = [str(c) for c in form.getlist(f"signed:{kind}")]
        given = {key: value for key, value in paper.items() if value}
        if given or signed:
            yield {"kind": kind, **given, **({"signed_by": signed} if signed else {})}


def _keep(session: Session, file: UploadFile) -> str:
    """Keep an uploaded document; its digest."""
    head = file.file.read(16)
    file.file.seek(0)
    with received(file) as came:
        return files.keep(session, came.path, media_type(head)).sha256


def _page(
    request: Request, code: str, sight: Sight, *, problem: Problem | None = None, chosen: str = ""
) -> Response:
    at = viewing_date(request)
    line = lists.line(sight.session, code, at=at, officer=sight.officer)
    history = lists.history(sight.session, code, officer=sight.officer)
    names = units.names_at(sight.session, district_of(request).code, at) if sight.officer else {}
    sides = [line["unit_a"], line["unit_b"]]
    shown = {
        **line,
        "in_dispute": line.get("in_dispute", False),
        "units": [f"{names[c]} {c}" if c in names else c for c in sides],
    }
    state = LineState(line.get("state_now", line["state"]))
    person = person_of(request)
    steps = steps_open(state, shown["in_dispute"], person.roles) if sight.officer and person else []
    return page(
        request,
        "line.html",
        status=200 if problem is None else status_of(problem),
        problem=None if problem is None else problem.text,
        line=shown,
        demo=bool(line["demo"]),
        timeline=list(_timeline(LineState(line["state"]), history["steps"])),
        history={"steps": [_step(s) for s in history["steps"]], "versions": history["versions"]},
        officer=sight.officer,
        steps=steps,
        chosen=chosen,
        signed_kinds=SIGNED,
        signers=[(c, names.get(c, c)) for c in sides],
        waits_for_submission=acceptance_moves(state),
    )


def _timeline(state: LineState, steps: list[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """The course of a demarcation, what of it is behind the line, and when each state was last entered."""
    entered = {s["to_state"]: s["on_date"] for s in steps}
    changing = state is LineState.CHANGING
    course = (*COURSE, LineState.CHANGING) if changing else COURSE
    here = course.index(state)
    for number, each in enumerate(course):
        yield {
            "state": each.value,
            "reached": number <= here,
            "current": number == here,
            "on": entered.get(each.value) if number <= here else None,
        }


def _step(step: Mapping[str, Any]) -> dict[str, Any]:
    """One step of the history; what the public may not see is None or empty."""
    known = LIFE.by_name.get(step.get("transition") or "")
    return {
        "says": known[0].says if known else None,
        "from_state": step["from_state"],
        "to_state": step["to_state"],
        "on_date": step["on_date"],
        "actor": step.get("actor"),
        "document": step.get("document"),
        "reason": step.get("reason"),
        "evidence": [
            {
                "label": paper.get("title")
                or EVIDENCE.get(
                    paper.get("kind", ""), Text(str(paper.get("kind")), str(paper.get("kind")))
                ).zh,
                "sha256": paper.get("sha256"),
                "number": paper.get("number"),
            }
            for paper in step.get("evidence") or ()
        ],
    }


def steps_open(state: LineState, in_dispute: bool, roles: Any) -> list[dict[str, Any]]:
    """The steps that this person may try now, with the papers that each asks for."""
    hidden = "set_dispute" if in_dispute else "clear_dispute"
    found: dict[str, Transition] = {}
    for transition in LIFE.open_to(state.value, roles):
        if transition.name not in (hidden, ACCEPT):
            found.setdefault(transition.name, transition)
    return [
        {
            "name": t.name,
            "says": t.says,
            "to": t.to or None,
            "needs": [guard.needs for guard in t.guards],
            "evidence": [(kind, EVIDENCE[kind]) for kind in t.evidence],
        }
        for t in found.values()
    ]
