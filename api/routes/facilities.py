"""设施 facilities: what the public may know, what is near, coverage, figures and sites."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from shapely.geometry import mapping

from api import care
from api.doors import Acting, At, District, PublicReading, Reading
from api.errors import problems
from api.nearby import NoPlace, near
from api.paging import Cursor, Limit, decode, page
from geo.facilities.compare import NotToCompare, compare
from geo.facilities.facility import Facility, Standing, named
from geo.facilities.kinds import CARE, GROUPS, MODES, kinds
from geo.problems import BadInput
from geo.store import facilities as store
from geo.store.facilities import NoSuchFacility
from geo.terms import FACILITY_STATUS_NAMES
from geo.text import Text
from geo.walking.model import Profile

router = APIRouter(prefix="/api/v1/facilities", tags=["facilities 设施"])
Number = Annotated[int, Path(ge=1, le=2**63 - 1, description="设施编号 Number of the facility")]


class ByBody(BadInput):
    """A browser asked with a position in the address."""

    code = "position-in-address"
    title = Text(
        "网页须用 POST 并把位置放在请求正文里；GET 只供程序使用",
        "Pages send the position in a POST's body; GET is for programs only",
    )


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class OpenOut(BaseModel):
    """现在是否开放."""

    state: Literal["open", "closed", "unknown"]
    until: datetime | None = Field(description="何时改变，当地时间 Moment of the next change, local time")
    says: str
    says_en: str


class VacanciesOut(BaseModel):
    """空床: stale reports are left out."""

    vacancies: int | None
    nursing_vacancies: int | None
    reported: datetime
    fresh: bool = Field(description="假：较早的数字，应显示为灰色 False: old, to be shown in grey")


class FacilityOut(BaseModel):
    """设施（公开内容）."""

    number: int
    code: str | None
    name: str
    kind: str
    kind_name: str
    kind_name_en: str
    group: str
    mode: str | None
    mode_name: str | None
    nature: str | None
    status: str
    status_name: str
    grade: str | None
    unit_code: str
    unit_name: str
    address: str | None
    phone: str | None
    operator: str | None
    beds: int | None
    nursing_beds: int | None
    services: list[str]
    hours: dict[str, Any]
    hours_says: str | None
    open: OpenOut
    prices: dict[str, Any]
    access: dict[str, Any]
    facts: dict[str, Any]
    vacancies: VacanciesOut | None
    notice: str | None
    checked_on: date | None
    overdue: bool = Field(description="超过半年未核实 Not checked for half a year")
    lon: float | None
    lat: float | None
    restricted: bool
    demo: bool
    version: int | None = Field(None, description="给编辑者 For editors")

    @classmethod
    def of(cls, f: Facility, s: Standing, *, editor: bool = False) -> FacilityOut:
        plain = {
            k: getattr(f, k)
            for k in (
                "number", "code", "name", "kind", "mode", "nature", "grade", "unit_code", "unit_name", "address", "phone",
                "operator", "beds", "nursing_beds", "checked_on", "demo",
            )
        }  # fmt: skip
        mode = named(f.mode, {m.value: t for m, t in MODES.items()})
        free = None
        if s.reported is not None:
            free = VacanciesOut(
                vacancies=s.vacancies,
                nursing_vacancies=s.nursing,
                reported=s.reported,
                fresh=s.fresh == "fresh",
            )
        return cls(
            **plain, kind_name=f.of.name.zh, kind_name_en=f.of.name.en, group=f.of.group, status=f.status.value,
            status_name=FACILITY_STATUS_NAMES[f.status].zh, mode_name=None if mode is None else mode.zh,
            services=list(f.services), hours=dict(f.hours), hours_says=None if s.hours is None else s.hours.zh,
            open=OpenOut(state=s.open.state.value, until=s.open.at, says=s.open.says.zh, says_en=s.open.says.en),
            prices=dict(f.prices), access=dict(f.access), facts=dict(f.facts), vacancies=free, notice=s.notice,
            overdue=s.overdue, lon=f.lon if f.placed else None, lat=f.lat if f.placed else None,
            restricted=f.restricted, version=f.version if editor else None,
        )  # fmt: skip


class FacilitiesOut(BaseModel):
    items: list[FacilityOut]
    next: str | None


class NearbyIn(Strict):
    """身边: where from, how long, who walks."""

    lon: float = Field(ge=-180, le=180)
    lat: float = Field(ge=-90, le=90)
    minutes: float = Field(15, ge=1, le=60)
    profile: Profile = Profile.ELDER
    kinds: list[str] = Field(default_factory=list, max_length=40)
    area: bool = Field(False, description="是否给出可达范围 Whether to answer the area too")
    limit: int = Field(50, ge=1, le=500)


class NearOut(BaseModel):
    number: int
    name: str
    kind: str
    kind_name: str
    phone: str | None
    lon: float | None
    lat: float | None
    open: OpenOut
    minutes: int = Field(description="去程与回程中较长者 The longer of there and back")
    minutes_there: int
    minutes_back: int


class StreetsOut(BaseModel):
    source: str
    dated: date
    demo: bool


class NearbyOut(BaseModel):
    """The nearest first. `method` network or straight: straight-line answers must be labelled as such."""

    items: list[NearOut]
    method: Literal["network", "straight"]
    says: str
    says_en: str
    parameters: str
    parameters_en: str
    area: dict[str, Any] | None
    lines: dict[str, Any] | None = Field(None, description="可达的道路 The streets within reach")
    streets: StreetsOut | None


class RowOut(BaseModel):
    label: str
    label_en: str
    values: list[str | None]
    differs: bool


@router.get("", summary="设施列表 Facilities")
def list_all(
    session: PublicReading, district: District, at: At, limit: Limit = 100, cursor: Cursor = None,
    kind: Annotated[list[str] | None, Query(max_length=40, description="类别代码 Kind codes")] = None,
    group: Annotated[str | None, Query(max_length=20, description="类别组 Group of kinds")] = None,
    mode: Annotated[str | None, Query(max_length=20, description="食堂模式 Canteen mode")] = None,
    unit: Annotated[str | None, Query(pattern="^[0-9]{6,12}$", description="政区代码 Unit code")] = None,
    q: Annotated[str | None, Query(max_length=50, description="名称或地址的一部分 Part of name or address")] = None,
) -> FacilitiesOut:  # fmt: skip
    """设施列表: facilities as the public may see them, by number."""
    codes = list(kind or ())
    if group:
        of_group = [k.code for k in kinds().values() if k.group == group]
        codes = [c for c in codes if c in of_group] if codes else of_group
        if not codes:
            return FacilitiesOut(items=[], next=None)
    found = store.facilities(
        session, at, district=district.code, kind_codes=codes, mode=mode, unit=unit, words=q,
        after=decode(cursor, int, 0), limit=limit + 1,
    )  # fmt: skip
    moment = care.Moment.now(at)
    return FacilitiesOut(
        **page(
            [FacilityOut.of(f, moment.standing(f)) for f in found if f.kind in kinds()],
            limit,
            lambda f: f.number,
        )
    )


@router.get("/kinds", summary="设施类别表 Kinds of facilities")
def list_kinds() -> list[dict[str, Any]]:
    """类别表: the kinds that there are, as the table has them."""
    return [
        {
            "code": k.code, "name": k.name.zh, "name_en": k.name.en, "group": k.group, "group_name": GROUPS[k.group].zh,
            "elderly_care": k.group in CARE, "place": k.place, "restricted": k.restricted,
        }
        for k in kinds().values()
    ]  # fmt: skip


@router.post("/nearby", summary="身边的设施 Facilities nearby", responses=problems(NoPlace))
def nearby(given: NearbyIn, session: PublicReading, own: Reading, district: District, at: At) -> NearbyOut:
    """身边的设施: within reach on foot, there and back. The position is in the body and kept nowhere."""
    moment = care.Moment.now(at)
    codes = given.kinds or [k.code for k in kinds().values() if k.group in CARE]
    every = store.facilities(session, at, district=district.code)
    answer = near(
        own, every, district=district.code, lon=given.lon, lat=given.lat, minutes=given.minutes, profile=given.profile,
        when=moment.local, shape=given.area,
    )  # fmt: skip
    wanted = [n for n in answer.items if n.facility.kind in codes and n.facility.status.value == "open"]
    items = []
    for found in wanted[: given.limit]:
        f, s = found.facility, moment.standing(found.facility)
        items.append(
            NearOut(
                number=f.number, name=f.name, kind=f.kind, kind_name=f.of.name.zh, phone=f.phone, lon=f.lon, lat=f.lat,
                open=OpenOut(state=s.open.state.value, until=s.open.at, says=s.open.says.zh, says_en=s.open.says.en),
                minutes=found.minutes, minutes_there=care.minutes(found.there), minutes_back=care.minutes(found.back),
            )
        )  # fmt: skip
    streets = answer.streets
    return NearbyOut(
        items=items, method=answer.method.value, says=answer.says.zh, says_en=answer.says.en, parameters=answer.parameters.zh, parameters_en=answer.parameters.en,
        area=mapping(answer.area) if answer.area is not None else None,
        lines=mapping(answer.lines) if answer.lines is not None else None,
        streets=None if streets is None else StreetsOut(source=streets.source, dated=streets.dated, demo=streets.demo),
    )  # fmt: skip


@router.get(
    "/nearby", summary="身边的设施（供程序） Nearby, for programs", responses=problems(NoPlace, ByBody)
)
def nearby_for_programs(
    request: Request, session: PublicReading, own: Reading, district: District, at: At,
    lon: Annotated[float, Query(ge=-180, le=180)], lat: Annotated[float, Query(ge=-90, le=90)],
    minutes: Annotated[float, Query(ge=1, le=60)] = 15, profile: Profile = Profile.ELDER,
) -> NearbyOut:  # fmt: skip
    """The same for programs. A browser is refused: an address is kept in histories and logs of others."""
    if "sec-fetch-mode" in request.headers:
        raise ByBody()
    return nearby(NearbyIn(lon=lon, lat=lat, minutes=minutes, profile=profile), session, own, district, at)


@router.get(
    "/compare", summary="设施比较 Compare facilities", responses=problems(NotToCompare, NoSuchFacility)
)
def compare_some(
    session: PublicReading, district: District, at: At,
    number: Annotated[list[int], Query(description="2 到 6 个编号 Two to six numbers")],
) -> dict[str, Any]:  # fmt: skip
    """比较: two to six facilities side by side."""
    if not 2 <= len(number) <= 6:
        raise NotToCompare()
    moment = care.Moment.now(at)
    chosen = [store.facility(session, n, at, district=district.code) for n in number]
    rows = compare(chosen, [moment.standing(f) for f in chosen])
    return {
        "items": [{"number": f.number, "name": f.name} for f in chosen],
        "rows": [
            RowOut(
                label=r.label.zh,
                label_en=r.label.en,
                values=[None if v is None else v.zh for v in r.values],
                differs=r.differs,
            )
            for r in rows
        ],
    }


@router.get("/coverage", summary="覆盖率 Coverage")
def coverage(
    own: Reading, session: PublicReading, district: District, at: At,
    kind: Annotated[list[str] | None, Query(max_length=40)] = None,
    minutes: Annotated[float, Query(ge=5, le=60)] = 15, profile: Profile = Profile.ELDER,
) -> dict[str, Any]:  # fmt: skip
    """覆盖率: share of residents 60+ within reach, by township and community; small numbers are withheld."""
    return care.coverage_out(
        care.coverage(own, session, district.code, at, kind or ["E06", "E07"], minutes, profile)
    )


@router.get("/sites", summary="选址 Best next sites")
def sites(
    own: Reading, district: District, at: At, actor: Acting,
    count: Annotated[int, Query(ge=1, le=40)] = 5, kind: Annotated[list[str] | None, Query(max_length=40)] = None,
    minutes: Annotated[float, Query(ge=5, le=60)] = 15, profile: Profile = Profile.ELDER,
) -> dict[str, Any]:  # fmt: skip
    """选址: where the next facilities reach the most residents not reached yet, solved to proof; for editors."""
    return care.sites(own, district.code, at, kind or ["E06", "E07"], minutes, profile, count)


@router.get("/areas", summary="政策区域 Areas of policy")
def areas(session: PublicReading, district: District, at: At) -> dict[str, Any]:
    """政策区域 (火葬区 …) in force on a date, as GeoJSON."""
    rows = store.policy_areas(session, district.code, at)
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature", "id": r["code"], "geometry": r["geometry"],
                "properties": {k: r[k] for k in ("code", "kind", "name", "level", "unit_code", "document", "valid_from", "valid_to", "demo")},
            }
            for r in rows
        ],
    }  # fmt: skip


@router.get("/figures", summary="月报数与目标 Figures against targets")
def figures(own: Reading, district: District, at: At) -> list[dict[str, Any]]:
    """月报数: the plan's figures of the year looked at, against their targets."""
    return care.figures_out(own, district.code, at)


@router.get("/{number}", summary="一处设施 One facility", responses=problems(NoSuchFacility))
def show(number: Number, session: PublicReading, district: District, at: At) -> FacilityOut:
    """一处设施."""
    f = store.facility(session, number, at, district=district.code)
    return FacilityOut.of(f, care.Moment.now(at).standing(f))
