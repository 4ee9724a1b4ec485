"""Every page of the site with an address that shows it full, and who opens it.

A test holds this against the routes and the permission table: a new page cannot be forgotten.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text

from api.acts import apply, report
from api.pages.apply import begun
from geo.store.engine import sessions
from geo.store.tables import NameImport, OrganisationClaim, StoredFile
from tests.demonstration import someone

#: What an import that was tried found: a row to take, and one that is refused.
TRIED = {
    "encoding": {"name": "gb18030"}, "sheet": None, "crs": None, "rows": 2, "new": 1, "changed": 0, "unchanged": 0, "refused": 1, "renamed": 0,
    "headings": ["标准名称", "备注"], "mapping": {"name": "标准名称"}, "problems_in_all": 1,
    "problems": [{"row": 3, "column": "东经", "value": "29.9", "problem": "经纬度写反", "problem_en": "exchanged"}],
}  # fmt: skip


@dataclass(frozen=True)
class Visit:
    """address: with the keys of `records` in braces. login: a demonstration account, None for everybody."""

    address: str
    login: str | None = None


#: By route. More visits than one where the page is another one to another reader.
PAGES: dict[str, tuple[Visit, ...]] = {
    "/": (Visit("/"), Visit("/", "approver")),
    "/account": (Visit("/account", "surveyor"),),
    "/account/organisation": (Visit("/account/organisation", "citizen"),),
    "/account/password": (Visit("/account/password", "surveyor"),),
    "/admin/audit": (Visit("/admin/audit", "administrator"),),
    "/admin/claims": (Visit("/admin/claims", "administrator"),),
    "/admin/users": (Visit("/admin/users", "administrator"),),
    "/admin/users/new": (Visit("/admin/users/new", "administrator"),),
    "/admin/users/{user_id:int}": (Visit("/admin/users/{user}", "administrator"),),
    "/admin/words": (Visit("/admin/words", "administrator"),),
    "/announcements": (Visit("/announcements"),),
    "/announcements/{year:int}/{serial:int}": (Visit("/announcements/{announcement}"),),
    "/announcements/{year:int}/{serial:int}/amend": (
        Visit("/announcements/{announcement}/amend", "registrar"),
        Visit("/announcements/{announcement}/amend", "approver"),
    ),
    "/applications/status": (Visit("/applications/status"),),
    "/applications/{number}": (Visit("/applications/{own_case}", "township"),),
    "/applications/{number}/receipt": (Visit("/applications/{own_case}/receipt", "township"),),
    "/apply": (Visit("/apply"), Visit("/apply", "township")),
    "/apply/{key}": (Visit("/apply/{draft}", "township"),),
    "/apply/plans/{ref}": (Visit("/apply/plans/{plan}?check=1", "township"),),
    "/audit/head": (Visit("/audit/head"),),
    "/boundaries/{code}": (Visit("/boundaries/{line}"), Visit("/boundaries/{line}", "approver")),
    "/comments": (Visit("/comments"),),
    "/comments/{number}": (Visit("/comments/{comment}"),),
    "/dashboard": (Visit("/dashboard"),),
    "/digest": (Visit("/digest", "approver"),),
    "/embed/areas": (Visit("/embed/areas"),),
    "/embed/boundaries": (Visit("/embed/boundaries"),),
    "/embed/elderly-care": (Visit("/embed/elderly-care"),),
    "/embed/names/{number:int}": (Visit("/embed/names/{number}"),),
    "/embed/places/{place_id:int}": (Visit("/embed/places/{place}"),),
    "/embed/villages": (Visit("/embed/villages"),),
    "/facilities": (Visit("/facilities?group=meal"),),
    "/facilities/areas": (Visit("/facilities/areas"),),
    "/facilities/compare": (Visit("/facilities/compare?n=1&n=2&n=3"),),
    "/facilities/coverage": (Visit("/facilities/coverage?unit={township}"),),
    "/facilities/figures": (Visit("/facilities/figures", "facility"),),
    "/facilities/import": (Visit("/facilities/import", "facility"),),
    "/facilities/new": (Visit("/facilities/new", "facility"),),
    "/facilities/sites": (Visit("/facilities/sites?count=3", "facility"),),
    "/facilities/{number:int}": (
        Visit("/facilities/1"),
        Visit("/facilities/1", "operator"),
        Visit("/facilities/1", "facility"),
    ),
    "/figures": (Visit("/figures"), Visit("/figures", "approver")),
    "/login": (Visit("/login"),),
    "/maps/boundaries": (Visit("/maps/boundaries"),),
    "/maps/elderly-care": (Visit("/maps/elderly-care"),),
    "/maps/villages": (Visit("/maps/villages"),),
    "/names": (Visit("/names?q={word}"), Visit("/names")),
    "/names/check": (
        Visit("/names/check"),
        Visit("/names/check?name={name}&category=自然村&unit={township}"),
    ),
    "/names/data": (Visit("/names/data"),),
    "/names/import": (Visit("/names/import", "registrar"),),
    "/names/import/{import_id}": (Visit("/names/import/{import}", "registrar"),),
    "/names/rules": (Visit("/names/rules"),),
    "/names/vanished": (Visit("/names/vanished"),),
    "/names/{number:int}": (Visit("/names/{number}"),),
    "/ogc": (Visit("/ogc"),),
    "/ogc/conformance": (Visit("/ogc/conformance"),),
    "/ogc/collections": (Visit("/ogc/collections"),),
    "/ogc/collections/{collection}": (Visit("/ogc/collections/villages"),),
    "/ogc/collections/{collection}/items": (Visit("/ogc/collections/villages/items"),),
    "/ogc/collections/{collection}/items/{feature_id}": (Visit("/ogc/collections/villages/items/{feature}"),),
    "/places/{place_id:int}": (Visit("/places/{place}?at=2019-12-31"),),
    "/programme": (Visit("/programme"),),
    "/protection": (Visit("/protection"), Visit("/protection", "registrar")),
    "/protection/{list_id}": (Visit("/protection/1"), Visit("/protection/2", "reviewer")),
    "/punctuality": (Visit("/punctuality"),),
    "/register": (Visit("/register"),),
    "/registry": (Visit("/registry", "registrar"),),
    "/registry/audit": (Visit("/registry/audit", "registrar"),),
    "/registry/readings": (Visit("/registry/readings", "registrar"),),
    "/registry/{number}": (Visit("/registry/{number}", "registrar"),),
    "/report": (Visit("/report?about=names/{number}"),),
    "/report/{number}": (Visit("/report/{report}"),),
    "/reports": (Visit("/reports", "registrar"),),
    "/review": (Visit("/review", "reviewer"),),
    "/review/plans/{ref}": (Visit("/review/plans/{plan}", "acceptance"),),
    "/review/{number}": (Visit("/review/{case}", "reviewer"),),
    "/survey": (Visit("/survey", "surveyor"),),
    "/survey/{number}": (Visit("/survey/1", "approver"), Visit("/survey/1?view=changes", "surveyor")),
    "/where": (Visit("/where"),),
}

#: Pages that need not say that demonstration data are on them: they show rules, forms and facts alone, or
#: mark each of their records.
NOTHING_INVENTED = (
    "/applications/status", "/apply", "/audit/head", "/login", "/names", "/names?q={word}", "/names/rules", "/names/vanished",
    "/ogc", "/ogc/conformance", "/ogc/collections", "/ogc/collections/villages", "/ogc/collections/villages/items", "/register",
    "/report?about=names/{number}", "/report/{report}",
)  # fmt: skip

#: What is no page, by the beginning of its path.
FOR_MACHINES = ("/api/", "/basemap/", "/tiles/", "/healthz", "/readyz", "/metrics", "/robots.txt", "/sitemap")

#: Other GET routes, and what they are.
NO_PAGES = {
    "/announcements.atom": "a feed",
    "/apply/{key}/state": "a part of /apply/{key}",
    "/embed/reconcile": "the part of a name that the Reconciliation API shows",
    "/login/sso": "leads to the single sign-on",
    "/login/sso/back": "leads back from it",
    "/maps/elderly-care/rest": "a part of /maps/elderly-care",
    "/maps/villages/poster": "a sheet to print",
    "/names/check/answer": "a part of /names/check",
    "/oembed": "JSON",
    "/ogc/": "the same as /ogc",
    "/ogc/api": "OpenAPI",
    "/ogc/collections/{collection}/tiles": "JSON",
    "/ogc/collections/{collection}/tiles/{tms}": "JSON",
    "/ogc/collections/{collection}/tiles/{tms}/{z}/{row}/{col}": "a tile",
    "/ogc/tileMatrixSets": "JSON",
    "/ogc/tileMatrixSets/{tms}": "JSON",
    "/places": "leads to /names",
    "/places/{place_id:int}/pictures/{sha256}": "a picture",
    "/report/find": "leads to /report/{number}",
}


def records() -> dict[str, str]:
    """What the addresses name, of the demonstration and of a few records more."""
    with sessions("app").begin() as session:
        township = someone(session, "township")
        draft = apply.begin(session, township, begun(township, "naming", "街路巷"))
        said = report.send(
            session, district="500112", subject_kind="place_name", subject="12", says="读音有误", phone=None
        )
        session.add(
            OrganisationClaim(
                district="500112", user_id=someone(session, "citizen").id, kind="committee", organisation="某村村民委员会",
                says="本村文书",
            )
        )  # fmt: skip
        session.add(StoredFile(sha256="0" * 64, size=120, media_type="text/csv"))
        session.flush()
        tried = NameImport(
            sha256="0" * 64, filename="登记表.csv", options={"document": "渝北民〔2024〕1号", "on": "2024-06-01"},
            dry_run=True, state="done", rows=2, done=2, made_by=township.id, district="500112", result=TRIED,
        )  # fmt: skip
        session.add(tried)
        session.flush()

        def one(statement: str) -> str:
            return str(session.execute(text(statement + " limit 1")).scalar_one())

        return {
            "draft": str(draft.ref),
            "report": said.number,
            "import": str(tried.id),
            "user": one("select id from app_user where login = 'reviewer'"),
            "announcement": one("select year || '/' || serial from announcement order by 1"),
            "own_case": one("select number from place_name_application where name = '柳荫横街'"),
            "case": one("select number from place_name_application where name = '听雨路'"),
            "comment": one("select number from published.comment_case"),
            "plan": one("select ref from name_plan"),
            "line": one("select code from published.boundary_line order by 1"),
            "township": one("select min(code) from admin_unit where level = 'township'"),
            "feature": one(
                "select number || '@' || lower(valid) from published.place_name where category = '自然村' order by number"
            ),
            "number": one("select number from published.place_name where name = '月隐湖社区'"),
            "place": one("select place_id from published.place_name where name = '月隐湖社区'"),
            "word": "湖",
            "name": "月隐湖",
        }
