"""地名审查: proposed names against the regulation and the register, rule by rule."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from api.doors import At, MaybeActing, Reading
from api.errors import problems
from api.naming import BadPlace, conclude, take_turn
from geo.names.categories import Category
from geo.names.rules.proposal import Proposal
from geo.names.rules.run import discover
from geo.problems import TooMany
from geo.store import naming_words
from geo.terms import Severity

router = APIRouter(tags=["place names 地名"])


class ProposalIn(BaseModel):
    """拟用地名. Place: `unit`, or `lon` and `lat` (EPSG:4490), or both; none asks the whole district."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=1000, description="拟用名称 The proposed name")
    category: Category | None = Field(None, description="地名类别；不给则按“其他” Without one: 其他")
    unit: Annotated[str, Field(pattern=r"^[0-9]{6}([0-9]{3}([0-9]{3})?)?$")] | None = Field(
        None, description="所在政区代码，6、9 或 12 位 Code of the unit"
    )
    lon: float | None = Field(None, allow_inf_nan=False, description="经度 Longitude")
    lat: float | None = Field(None, allow_inf_nan=False, description="纬度 Latitude")
    replaces: str | None = Field(None, max_length=100, description="更名时的原名 Old name of a renaming")
    measures_attached: bool = Field(False, description="已附保护措施 Protection measures are attached")
    attributes: dict[str, Annotated[float, Field(allow_inf_nan=False)]] = Field(
        default_factory=dict, max_length=20, description="width_m、area_m2、green_ratio …"
    )


class CollisionOut(BaseModel):
    """相冲突的地名."""

    name: str
    category: Category
    unit: str | None
    distance_m: float | None
    why: str


class NameFindingOut(BaseModel):
    """审查意见."""

    rule: str
    article: str
    severity: Severity
    message: str
    message_en: str
    collides: list[CollisionOut]


class VerdictOut(BaseModel):
    """审查结论: fits 符合, doubtful 存疑, refused 不符合."""

    name: str
    category: Category
    verdict: str
    findings: list[NameFindingOut]
    suggestions: list[str] = Field(description="符合全部规则的建议名称 Names that pass every rule")


class ExampleOut(BaseModel):
    """规则示例."""

    name: str
    category: Category
    existing: str
    replaces: str | None
    severity: Severity | None
    why: str


class NameRuleOut(BaseModel):
    """命名规则."""

    rule: str
    article: str
    severity: Severity
    message: str
    message_en: str
    source: str
    on: bool = Field(description="是否启用 Whether it is switched on")
    examples: list[ExampleOut]


class NameRulesOut(BaseModel):
    """命名规则目录."""

    items: list[NameRuleOut]
    next: None = None


@router.post(
    "/api/v1/place-name-checks",
    summary="审查一个拟用地名 Check a proposed name",
    response_model=VerdictOut,
    responses=problems(BadPlace, TooMany),
)
def check(body: ProposalIn, request: Request, session: Reading, person: MaybeActing, at: At) -> Any:
    """逐条对照《地名管理条例》，在登记的地名中查重名、同音。尚未公布的地名只说有冲突，不说名称。

    Every rule of the regulation, against the register. A collision with a name that is not yet public says so
    and does not name it."""
    take_turn(request)
    proposal = Proposal(
        body.name.strip(), body.category or Category.OTHER, body.unit, body.lon, body.lat,
        (body.replaces or "").strip() or None, body.measures_attached, body.attributes, body.category is not None,
    )  # fmt: skip
    return conclude(session, proposal, person, at).told


@router.get(
    "/api/v1/place-name-rules",
    summary="命名规则目录 The naming rules",
    response_model=NameRulesOut,
)
def rules(session: Reading) -> Any:
    """每条规则的条文、依据、示例和开关。Every rule with its article, source, examples and switch."""
    off = naming_words.base(session).off
    return {
        "items": [
            {
                "rule": rule.code,
                "article": rule.article,
                "severity": rule.severity,
                "message": rule.message.zh,
                "message_en": rule.message.en,
                "source": rule.source,
                "on": rule.code not in off,
                "examples": [
                    {
                        "name": case.name,
                        "category": case.category,
                        "existing": case.existing,
                        "replaces": case.replaces,
                        "severity": case.severity,
                        "why": case.why,
                    }
                    for case in rule.cases
                ],
            }
            for rule in discover()
        ],
        "next": None,
    }
