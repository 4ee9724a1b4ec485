"""文书内容: what each document of a case says, as JSON that the worker makes the files from.

The keys are those of the fact classes of the documents; dates are ISO 8601 texts. Everything is written down at the
moment of the step, so that the same record gives the same bytes whenever it is made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from api.acts.case_facts import authority_of
from api.security.person import Person
from api.security.settings import DoorSettings
from geo import settings
from geo.approvals import life, materials, titles
from geo.approvals.authority import authority_name, province_of
from geo.approvals.clocks import Clock, limits
from geo.days import SHANGHAI
from geo.settings import DistrictSettings
from geo.store import approvals, queue
from geo.store.approvals_case import Case
from geo.store.tables import CaseDocument
from geo.terms import APPLICATION_ACTION_NAMES
from geo.terms import ApplicationAction as Action

#: Queue and task of the documents.
DOCUMENTS, MAKE_DOCUMENT = "documents", "make_document"
BASIS = "《地名管理条例》第十二条"


def prefix(district: DistrictSettings) -> str:
    """机关代字 of the numbers of documents: 渝北民地."""
    return f"{district.name.rstrip('区县市')}民地"


def make(
    session: Session,
    actor: Person | None,
    kind: str,
    cases: Sequence[Case],
    details: Mapping[str, Any],
    reason: str,
    on: date,
    *,
    announcement: Mapping[str, Any] | None = None,
) -> CaseDocument:
    """Enter a document of one case, or of several of a plan, and ask the worker to make its files.

    announcement: of an announcement, its own facts, with `id` and `number`.
    """
    first = cases[0]
    district = settings.district(first.row["district"])
    said = {
        **_common(cases, district),
        **_own(kind, cases, details, reason, on, district, actor, announcement),
    }
    alone = len(cases) == 1
    row = approvals.add_document(
        session,
        district=district.code,
        kind=kind,
        prefix=prefix(district),
        dated=on,
        facts=said,
        made_by=None if actor is None else actor.id,
        application_id=first.row["id"] if alone else None,
        plan_id=None if alone else first.row["plan_id"],
        announcement_id=None if announcement is None else announcement["id"],
        number=first.row["number"] if kind == "receipt" else (announcement or {}).get("number"),
        demo=first.row["demo"],
    )
    ask(session, row.id)
    return row


def ask(session: Session, document_id: int) -> None:
    """Ask the worker to make the files of a document, in the caller's transaction."""
    queue.defer(session, MAKE_DOCUMENT, queue=DOCUMENTS, once=f"document-{document_id}", document=document_id)


def place_of(case: Case) -> dict[str, Any]:
    """A name as documents tell it."""
    row, form, subject = case.row, case.row["form"], case.subject or {}
    abolition = row["action"] == Action.ABOLITION.value
    entity = "，".join(str(form[k]) for k in ("nature", "size") if form.get(k))
    return {
        "action": row["action"],
        "name": subject.get("name", "") if abolition else row["name"],
        "romanization": (subject.get("romanization") if abolition else row["romanization"]) or "",
        "category": row["category"],
        "unit": unit_of(row),
        "position": str(form.get("position") or ""),
        "former": subject.get("name", "") if row["action"] == Action.RENAMING.value else "",
        "former_romanization": subject.get("romanization", "")
        if row["action"] == Action.RENAMING.value
        else "",
        "reasons": str(form.get("reasons") or ""),
        "meaning": str(form.get("meaning") or ""),
        "origin": str(form.get("origin") or ""),
        "history": str(form.get("history") or ""),
        "entity": entity,
        "place_code": subject.get("code") or "",
        "lon": row["lon"],
        "lat": row["lat"],
    }


def unit_of(row: Mapping[str, Any]) -> str:
    """所属政区 in full: 重庆市渝北区统景镇."""
    name: str = row["unit_name"] or ""
    district = settings.district(row["district"])
    province = province_of(district)
    return f"{province}{name}" if name.startswith(district.name) and not province.isdigit() else name


def decision_title(cases: Sequence[Case]) -> str:
    """批复的标题 of the decision on these cases, as the document itself has it."""
    row = cases[0].row
    matters = [
        titles.Matter(Action(p["action"]), p["name"], p["former"]) for p in (place_of(c) for c in cases)
    ]
    plan = row["plan_title"] or "" if len(cases) > 1 else ""
    return titles.approval(authority_name(settings.district(row["district"])), matters, plan)


def decided_by(case: Case) -> dict[str, Any]:
    """The approving document, as others cite it: title, number, date. Of another body's, what was recorded of it."""
    row, taken = case.row, case.taken(life.APPROVE)
    elsewhere = row["external"] or {}
    title = taken[-1].details.get("title") or decision_title([case]) if taken else elsewhere.get("title", "")
    return {
        "title": title,
        "number": row["decision_number"] or "",
        "on": elsewhere.get("date") or _day(row["decided_at"]),
    }


def title_of(case: Case) -> str:
    """关于“统景路”命名的申请."""
    what = APPLICATION_ACTION_NAMES[Action(case.row["action"])].zh
    return f"关于“{place_of(case)['name']}”{what}的申请"


def url_of(path: str) -> str:
    """The address of a page from outside; empty where the installation has no public address."""
    base = DoorSettings.from_environment().public_url
    return f"{base.rstrip('/')}{path}" if base else ""


def masked(phone: str | None) -> str:
    """138****0000."""
    given = (phone or "").strip()
    return f"{given[:3]}****{given[-4:]}" if len(given) >= 9 else "****"


def _common(cases: Sequence[Case], district: DistrictSettings) -> dict[str, Any]:
    first = cases[0].row
    return {
        "issuer": {"name": authority_name(district)},
        "case": first["number"] if len(cases) == 1 else f"{first['number']} 等{len(cases)}件",
        "places": [place_of(c) for c in cases],
        "plan": first["plan_title"] or "" if len(cases) > 1 else "",
        "shapes": [c.row["geometry"] for c in cases],
        "applicant": first["organisation"],
    }


def _own(
    kind: str,
    cases: Sequence[Case],
    details: Mapping[str, Any],
    reason: str,
    on: date,
    district: DistrictSettings,
    actor: Person | None,
    announcement: Mapping[str, Any] | None,
) -> dict[str, Any]:
    case = cases[0]
    row = case.row
    received = _day(row["submitted_at"])
    papers = [
        materials.titles()[m["kind"]].zh if m["kind"] in materials.titles() else m["filename"]
        for m in case.materials
    ]
    page = url_of(f"/applications/{row['number']}")
    request = {"title": title_of(case), "number": row["number"], "on": received}
    authority = authority_of(row, on, district)
    body = row["body"] or (authority.body.zh if authority else authority_name(district))
    remedies = {"reconsideration": f"{district.name}人民政府"}
    if kind == "receipt":
        at = row["submitted_at"].astimezone(SHANGHAI).isoformat()
        return {"received_at": at, "url": page, "phone": masked(row["contact_phone"]), "materials": papers}
    if kind == "acceptance":
        clock = Clock(limits()[life.DECISION], on)
        return {"received_on": received, "accepted_on": on.isoformat(), "days": clock.total, "due": _iso(clock.due()),
                "materials": papers, "url": page}  # fmt: skip
    if kind == "supplement":
        missing = [{"what": item} for item in details.get("items", ())]
        return {"received_on": received, "missing": missing, "reply_by": details.get("until"), "url": page}
    if kind == "not_accepted":
        elsewhere = body if authority is not None and authority.route.value != life.DECIDE else ""
        return {
            "received_on": received,
            "reasons": [{"text": reason}],
            "remedies": remedies,
            "elsewhere": elsewhere,
        }
    if kind == "extension":
        accepted = next(
            (
                c.clock
                for c in reversed(case.clocks)
                if c.limit_id in life.DECIDING and c.clock.stopped is None
            ),
            Clock(limits()[life.DECISION], on),
        )
        longer = accepted.extend(on, reason)
        return {"accepted_on": longer.starts.isoformat(), "days": longer.extended, "due": _iso(longer.due()),
                "reasons": [{"text": reason}]}  # fmt: skip
    if kind == "approval":
        said = [
            o["says"]
            for c in cases
            for o in c.opinions
            if o["kind"] in ("opinion", "expert", "assessment", "comment_report")
        ]
        return {"addressee": row["organisation"], "request": request, "authority": body, "approved_on": on.isoformat(),
                "basis": [BASIS], "opinions": said}  # fmt: skip
    if kind == "refusal":
        refused = [
            {"place": place_of(c), "reasons": [{"text": reason, "article": details.get("rule", "")}]}
            for c in cases
        ]
        return {
            "addressee": row["organisation"],
            "request": request,
            "refused": refused,
            "remedies": remedies,
        }
    if kind == "opinion":
        return {"addressee": body, "request": request, "agrees": details.get("stance") != "disagree",
                "comments": [{"text": reason}]}  # fmt: skip
    if kind in ("filing", "filing_report"):
        approved = (row["external"] or {}).get("date") or _day(row["decided_at"])
        said = {"receiver": details.get("body") or (authority.files_with.zh if authority and authority.files_with else ""),
                "authority": body, "approval": decided_by(case),
                "approved_on": approved, "materials": ["备案报告", f"批准文件（{row['decision_number']}）", "申请书", *papers]}  # fmt: skip
        if kind == "filing":
            return said | {"registrar": actor.name if actor else "", "registered_on": on.isoformat()}
        due = Clock(limits()[life.FILING], date.fromisoformat(approved)).due() if approved else None
        return said | {"due": _iso(due)}
    assert kind == "announcement" and announcement is not None, kind
    approved = (row["external"] or {}).get("date") or _day(row["decided_at"])
    return {
        "authority": body,
        "approval": decided_by(case),
        "approved_on": approved,
        **{
            key: announcement[key]
            for key in ("head", "url", "corrects", "withdraws", "why")
            if announcement.get(key) is not None
        },
    }


def _day(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(SHANGHAI).date().isoformat()


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
