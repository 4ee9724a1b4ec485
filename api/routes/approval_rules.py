"""办事规则: who applies for a kind of name, who decides, what is handed in, which consultations and limits it has."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from api.doors import District
from api.errors import problems
from geo import days
from geo.approvals import applicants, materials
from geo.approvals.authority import EXTENT_NAMES, ROUTE_NAMES, Extent, NoAuthority, Route, authority_for
from geo.approvals.clocks import DayUnit, limits
from geo.names.categories import Category
from geo.terms import APPLICATION_ACTION_NAMES, ApplicationAction
from geo.text import Text

router = APIRouter(tags=["approval rules 办事规则"])

CACHE = {"Cache-Control": "public, max-age=3600"}


class WordsOut(BaseModel):
    """一句话，中英文."""

    zh: str
    en: str


class ApplicantsOut(BaseModel):
    """谁可以申请."""

    kinds: list[str]
    says: WordsOut
    sure: bool = Field(
        description="条文是否见到；否则为待确认的设置 Whether the text was seen; else a setting"
    )
    source: str
    note: str


class AuthorityOut(BaseModel):
    """谁批准、先征求谁、谁公告、向谁备案."""

    extent: Extent
    extent_name: WordsOut
    route: Route
    route_name: WordsOut
    body: WordsOut
    consults: WordsOut
    announcer: WordsOut
    files_with: WordsOut | None
    sure: bool
    source: str
    note: str


class PaperOut(BaseModel):
    """一项材料."""

    kind: str
    title: WordsOut
    fields: list[str] = Field(description="填写这些栏目即可代替文件 Form fields that do instead of a file")
    needed: str = Field(description="always 必交, review 审查中形成, optional 可选")
    must_cover: list[WordsOut] = Field(description="报告须写明的内容 What the report has to cover")
    source: str


class LimitOut(BaseModel):
    """一项期限."""

    id: str
    title: WordsOut
    days: int
    unit: DayUnit
    runs_from: WordsOut
    extension: int
    source: str


class RulesOut(BaseModel):
    """某类地名某事项的办事规则."""

    category: Category
    action: ApplicationAction
    action_name: WordsOut
    on: date
    applicants: ApplicantsOut | None
    authorities: list[AuthorityOut]
    materials: list[PaperOut]
    consultations: dict[str, str] = Field(
        description="opinion expert comment assessment: required 必办, may 视情况, no 不办"
    )
    consultations_source: str
    limits: list[LimitOut]


def words(text: Text) -> WordsOut:
    """Both languages of a sentence."""
    return WordsOut(zh=text.zh, en=text.en)


@router.get("/api/v1/approval-rules", summary="办事规则 Rules of a case", responses=problems(NoAuthority))
def rules(
    district: District,
    response: Response,
    category: Annotated[Category, Query(description="类别 Category")],
    action: Annotated[ApplicationAction, Query(description="命名、更名、销名")] = ApplicationAction.NAMING,
) -> RulesOut:
    """按类别和事项：申请人、批准机关、材料、咨询事项、期限，各有依据；待确认的注明。By category and action, each with its source;
    what rests on a text that was not seen says so."""
    response.headers.update(CACHE)
    on = days.today()
    who = applicants.applicants_for(category, action, on)
    demands = materials.demands(category, action)
    return RulesOut(
        category=category,
        action=action,
        action_name=words(APPLICATION_ACTION_NAMES[action]),
        on=on,
        applicants=None
        if who is None
        else ApplicantsOut(
            kinds=[k.value for k in who.kinds], says=words(who.words), sure=who.sure, source=who.source, note=who.note
        ),
        authorities=[_authority(authority_for(category, action, e, on, district), e) for e in Extent],
        materials=[_paper(need) for need in materials.requirements(category, action)],
        consultations={
            what: "required" if what in demands.required else "may" if what in demands.may else "no"
            for what in materials.CONSULTATIONS
        },
        consultations_source=demands.source,
        limits=[
            LimitOut(
                id=limit.id, title=words(limit.title), days=limit.in_force, unit=limit.unit,
                runs_from=words(limit.from_words), extension=limit.extension, source=limit.source,
            )
            for limit in limits().values()
        ],
    )  # fmt: skip


def _authority(found: Any, extent: Extent) -> AuthorityOut:
    return AuthorityOut(
        extent=extent, extent_name=words(EXTENT_NAMES[extent]), route=found.route,
        route_name=words(ROUTE_NAMES[found.route]), body=words(found.body), consults=words(found.consults),
        announcer=words(found.announcer), files_with=None if found.files_with is None else words(found.files_with),
        sure=found.sure, source=found.source, note=found.note,
    )  # fmt: skip


def _paper(need: materials.Requirement) -> PaperOut:
    return PaperOut(
        kind=need.kind, title=words(need.title), fields=list(need.fields), source=need.source,
        needed="optional" if need.optional else "review" if need.demanded else "always",
        must_cover=[words(t) for t in materials.contents(need.report).values()] if need.report else [],
    )  # fmt: skip
