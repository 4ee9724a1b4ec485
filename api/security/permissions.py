"""Permissions (权限): one table says who may call what. A route that is not listed answers nobody.

Which record of a kind a person may see or change is the act's and the store's to decide; this table
is the first door only. Bearer tokens also need the scope.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from api.security.person import Person
from geo.problems import NotAllowed, NotLoggedIn
from geo.terms import UserRole
from geo.text import Text

#: What a bearer token may be good for.
SCOPES = {
    "read": Text("查看", "read"),
    "submit": Text("提交成果", "submit results"),
    "decide": Text("审查、办理", "review and decide"),
    "administer": Text("管理", "administer"),
}


class OutOfScope(NotAllowed):
    """The bearer token was not made for this."""

    code = "out-of-scope"
    title = Text(
        "令牌的范围不含“{scope}”，请重新申请令牌",
        "The token lacks scope “{scope}”; log in for one that has it",
    )


class PasswordDue(NotAllowed):
    """The password was set by somebody else, and has to be changed first."""

    code = "password-due"
    title = Text(
        "当前口令由他人设置，请先在 /account/password 改为自己的口令",
        "Somebody else set this password: choose one of your own first, on /account/password",
    )


@dataclass(frozen=True, slots=True)
class Access:
    """Who may call a route. roles: None for everybody, empty for anybody logged in.

    token: whether a write with a cookie session has to bring its csrf token; a login need not, it opens a
    session of its own (and other sites are fenced off there too). foreign: whether another site's page may
    send it, which is for a POST that changes nothing. watched: the kind of restricted data that it gives away;
    each reading by one who may see it goes on the audit chain first. fresh: open to one who still has to choose
    a password of his own.
    """

    roles: frozenset[UserRole] | None
    scope: str = "read"
    token: bool = True
    foreign: bool = False
    watched: str = ""
    fresh: bool = False

    @property
    def public(self) -> bool:
        return self.roles is None


def only(*roles: UserRole, scope: str = "read") -> Access:
    """Those who hold one of the roles."""
    return Access(frozenset(roles), scope)


def watched(access: Access, kind: str) -> Access:
    """The same, with every reading of restricted data of this kind on the audit chain."""
    return replace(access, watched=kind)


PUBLIC = Access(None)
LOGIN = Access(None, token=False)
SHARED = Access(None, token=False, foreign=True)
LEAVING = Access(None, fresh=True)
ANYBODY_LOGGED_IN = Access(frozenset())
OWN = Access(frozenset(), fresh=True)
OWN_TO_CHANGE = Access(frozenset(), "administer", fresh=True)

R = UserRole
#: Who works on boundary results: sees submissions (each its own, or all) and unpublished lines.
SURVEYORS = (R.SURVEYOR,)
OFFICERS = (R.ACCEPTANCE_OFFICER, R.REVIEWER, R.APPROVER, R.REGISTRAR, R.ADMINISTRATOR)
WORKERS = (*SURVEYORS, *OFFICERS)
#: Who takes the steps of submissions and lines; which step is whose, their lives say.
DECIDERS = (R.REVIEWER, R.APPROVER)
SUBMITTERS = (R.SURVEYOR, *DECIDERS)
REGISTRARS = (R.REGISTRAR, R.ADMINISTRATOR)
#: Who applies and who handles applications; which step is whose, their life says.
CASE_WORKERS = (R.APPLICANT, R.ACCEPTANCE_OFFICER, R.REVIEWER, R.APPROVER, R.REGISTRAR)
CASE_PEOPLE = (*CASE_WORKERS, R.ADMINISTRATOR)
SUBMISSIONS = "/api/v1/submissions"
LINES = "/api/v1/boundary-lines"
NAMES = "/api/v1/place-names"
PROTECTION = "/api/v1/protection-lists"
FACILITIES = "/api/v1/facilities"
FACILITY_EDITORS = (R.FACILITY_EDITOR, R.ADMINISTRATOR)
REPORTERS = (*FACILITY_EDITORS, R.FACILITY_OPERATOR)
MATERIALS = "/api/v1/applications/{number}/materials"

TABLE: dict[tuple[str, str], Access] = {
    # Health and description.
    ("GET", "/healthz"): PUBLIC,
    ("GET", "/readyz"): PUBLIC,
    ("GET", "/metrics"): PUBLIC,
    ("GET", "/api/v1/openapi.json"): PUBLIC,
    # Logging in and out.
    ("POST", "/api/v1/sessions"): LOGIN,
    ("GET", "/api/v1/sessions/current"): OWN,
    ("DELETE", "/api/v1/sessions/current"): OWN,
    # One's own account; users, audit.
    ("PUT", "/api/v1/account/password"): OWN_TO_CHANGE,
    ("GET", "/api/v1/account/sessions"): ANYBODY_LOGGED_IN,
    ("DELETE", "/api/v1/account/sessions/{session_id}"): Access(frozenset(), "administer"),
    ("POST", "/api/v1/account/tokens"): Access(frozenset(), "administer"),
    ("GET", "/api/v1/users"): only(R.ADMINISTRATOR, scope="administer"),
    ("POST", "/api/v1/users"): only(R.ADMINISTRATOR, scope="administer"),
    ("GET", "/api/v1/users/{user_id}"): only(R.ADMINISTRATOR, scope="administer"),
    ("PATCH", "/api/v1/users/{user_id}"): only(R.ADMINISTRATOR, scope="administer"),
    ("POST", "/api/v1/users/{user_id}/password"): only(R.ADMINISTRATOR, scope="administer"),
    ("POST", "/api/v1/users/{user_id}/unlock"): only(R.ADMINISTRATOR, scope="administer"),
    ("POST", "/api/v1/users/{user_id}/identity"): only(R.ADMINISTRATOR, scope="administer"),
    ("GET", "/api/v1/audit/events"): watched(only(R.ADMINISTRATOR, scope="administer"), "audit"),
    ("GET", "/api/v1/audit/head"): PUBLIC,
    ("GET", "/api/v1/audit/chain"): PUBLIC,
    # Submissions.
    ("POST", SUBMISSIONS): only(*SUBMITTERS, scope="submit"),
    ("GET", SUBMISSIONS): only(*WORKERS),
    ("GET", SUBMISSIONS + "/{submission_id}"): only(*WORKERS),
    ("GET", SUBMISSIONS + "/{submission_id}/findings"): watched(only(*WORKERS), "submission"),
    ("GET", SUBMISSIONS + "/{submission_id}/findings.gpkg"): watched(only(*WORKERS), "submission"),
    ("GET", SUBMISSIONS + "/{submission_id}/features"): watched(only(*WORKERS), "submission"),
    ("GET", SUBMISSIONS + "/{submission_id}/diff"): watched(only(*WORKERS), "submission"),
    ("GET", SUBMISSIONS + "/{submission_id}/file"): watched(only(*WORKERS), "submission"),
    ("POST", SUBMISSIONS + "/{submission_id}/recheck"): only(*SUBMITTERS, scope="submit"),
    ("POST", SUBMISSIONS + "/{submission_id}/accept"): only(R.APPROVER, scope="decide"),
    ("POST", SUBMISSIONS + "/{submission_id}/return"): only(*DECIDERS, scope="decide"),
    # Boundaries.
    ("GET", LINES): PUBLIC,
    ("GET", LINES + "/{code}"): watched(PUBLIC, "boundary-line"),
    ("GET", LINES + "/{code}/history"): PUBLIC,
    ("POST", LINES + "/{code}/transitions"): only(*DECIDERS, scope="decide"),
    ("GET", "/api/v1/demarcation/progress"): PUBLIC,
    ("POST", "/api/v1/evidence"): only(*DECIDERS, scope="decide"),
    ("GET", "/api/v1/evidence/{sha256}"): watched(only(*OFFICERS), "evidence"),
    ("GET", "/api/v1/markers"): watched(PUBLIC, "marker"),
    ("GET", "/api/v1/markers/{number}"): watched(PUBLIC, "marker"),
    ("GET", "/api/v1/admin-units"): PUBLIC,
    ("GET", "/api/v1/admin-units/{code}"): PUBLIC,
    ("GET", "/api/v1/locate"): PUBLIC,
    # Protection lists.
    ("GET", PROTECTION): PUBLIC,
    ("GET", PROTECTION + "/{list_id}"): PUBLIC,
    ("POST", PROTECTION): only(R.REGISTRAR, scope="decide"),
    ("POST", PROTECTION + "/{list_id}/entries"): only(R.REGISTRAR, scope="decide"),
    ("PUT", PROTECTION + "/{list_id}/entries/{entry_id}"): only(R.REGISTRAR, scope="decide"),
    ("POST", PROTECTION + "/{list_id}/transitions"): only(R.REGISTRAR, *DECIDERS, scope="decide"),
    ("POST", PROTECTION + "/{list_id}/entries/{entry_id}/transitions"): only(*DECIDERS, scope="decide"),
    # History of names, sharing them.
    ("GET", "/api/v1/places/{place_id}"): PUBLIC,
    ("GET", "/api/v1/place-names/{number}/chain"): PUBLIC,
    ("GET", "/api/v1/vanished-names"): PUBLIC,
    ("GET", "/api/v1/place-names/download.{kind}"): PUBLIC,
    ("GET", "/api/v1/place-names/{number}.lpf.json"): PUBLIC,
    ("GET", "/api/v1/reconcile"): SHARED,
    ("POST", "/api/v1/reconcile"): SHARED,
    ("OPTIONS", "/api/v1/reconcile"): SHARED,
    ("OPTIONS", "/api/v1/reconcile/{rest:path}"): SHARED,
    ("GET", "/api/v1/reconcile/suggest/entity"): SHARED,
    ("GET", "/api/v1/reconcile/suggest/type"): SHARED,
    ("GET", "/api/v1/reconcile/suggest/property"): SHARED,
    ("GET", "/api/v1/reconcile/properties"): SHARED,
    ("GET", "/api/v1/reconcile/preview"): SHARED,
    ("GET", "/api/v1/reconcile/flyout/{kind}"): SHARED,
    # The national library's query interface, over this register.
    ("GET", "/api/v1/national/stname/listPub"): PUBLIC,
    ("GET", "/api/v1/national/stname/detailsPub"): PUBLIC,
    ("POST", "/api/v1/national/stname/detailsPub"): PUBLIC,
    ("GET", "/api/v1/national/datastatis/GroupCountNameByCode"): PUBLIC,
    ("GET", "/api/v1/national/datastatis/GroupCountNameByType"): PUBLIC,
    ("GET", "/api/v1/national/datastatis/GroupCountPinyinByCode"): PUBLIC,
    ("GET", "/api/v1/national/datastatis/GroupCountPinyinByType"): PUBLIC,
    ("GET", "/api/v1/national/xzqh/getList"): PUBLIC,
    # Applications, plans, announcements, public comment.
    ("POST", "/api/v1/applications"): only(R.APPLICANT, scope="submit"),
    ("GET", "/api/v1/applications"): only(*CASE_PEOPLE),
    ("GET", "/api/v1/applications/{number}"): only(*CASE_PEOPLE),
    ("PUT", "/api/v1/applications/{number}"): only(R.APPLICANT, scope="submit"),
    ("GET", "/api/v1/applications/{number}/check"): only(*CASE_PEOPLE),
    ("POST", "/api/v1/applications/{number}/transitions"): only(*CASE_WORKERS, scope="decide"),
    ("POST", "/api/v1/applications/{number}/taking-up"): only(R.APPLICANT, scope="submit"),
    ("GET", "/api/v1/applications/{number}/comments"): only(*OFFICERS),
    ("GET", "/api/v1/name-suggestions"): only(R.APPLICANT),
    ("POST", "/api/v1/application-status"): PUBLIC,
    ("POST", "/api/v1/naming-plans"): only(R.APPLICANT, scope="submit"),
    ("GET", "/api/v1/naming-plans/{ref}"): only(*CASE_PEOPLE),
    ("POST", "/api/v1/naming-plans/{ref}/transitions"): only(*CASE_WORKERS, scope="decide"),
    ("GET", "/api/v1/announcements"): PUBLIC,
    ("GET", "/api/v1/announcements/{year}/{serial}"): PUBLIC,
    ("POST", "/api/v1/announcements/{year}/{serial}/corrections"): only(R.REGISTRAR, scope="decide"),
    ("GET", "/announcements.atom"): PUBLIC,
    ("GET", "/api/v1/comment-cases"): PUBLIC,
    ("GET", "/api/v1/comment-cases/{number}"): PUBLIC,
    ("GET", "/api/v1/comment-cases/{number}/comments"): PUBLIC,
    ("POST", "/api/v1/comment-cases/{number}/comments"): PUBLIC,
    ("POST", "/api/v1/comment-cases/{number}/period"): only(R.REVIEWER, scope="decide"),
    ("POST", "/api/v1/comments/{number}/moderation"): only(R.REVIEWER, R.REGISTRAR, scope="decide"),
    # Rules of a case, and how limits are kept.
    ("GET", "/api/v1/approval-rules"): PUBLIC,
    ("GET", "/api/v1/punctuality"): PUBLIC,
    ("GET", "/punctuality"): PUBLIC,
    ("GET", "/api/v1/digest"): only(*OFFICERS),
    ("GET", "/digest"): only(*OFFICERS),
    # Cases and results for other systems.
    ("GET", "/api/v1/exchange/schema"): PUBLIC,
    ("POST", "/api/v1/exchange/applications"): only(R.APPLICANT, scope="submit"),
    ("GET", "/api/v1/exchange/applications"): only(R.APPLICANT, *OFFICERS),
    ("GET", "/api/v1/exchange/applications/{number}"): only(R.APPLICANT, *OFFICERS),
    ("POST", "/api/v1/exchange/results"): only(R.APPLICANT, *OFFICERS, scope="decide"),
    # Telling other systems.
    ("GET", "/api/v1/webhooks"): only(R.ADMINISTRATOR),
    ("GET", "/api/v1/webhooks/deliveries"): only(R.ADMINISTRATOR),
    ("POST", "/api/v1/webhooks/deliveries/{delivery_id}/again"): only(R.ADMINISTRATOR, scope="administer"),
    ("POST", "/api/v1/webhooks/{name}/ping"): only(R.ADMINISTRATOR, scope="administer"),
    # Materials of applications.
    ("GET", MATERIALS): only(R.APPLICANT, *OFFICERS),
    ("POST", MATERIALS): only(R.APPLICANT, *OFFICERS, scope="submit"),
    ("GET", MATERIALS + "/{material_id}"): only(R.APPLICANT, *OFFICERS),
    ("DELETE", MATERIALS + "/{material_id}"): only(R.APPLICANT, scope="submit"),
    ("GET", "/api/v1/applications/{number}/documents/{document_id}.{form}"): only(*CASE_PEOPLE),
    # Naming rules.
    ("GET", "/api/v1/suggest"): PUBLIC,
    ("GET", "/api/v1/place-names"): PUBLIC,
    ("GET", "/api/v1/place-names/{number}"): PUBLIC,
    ("POST", "/api/v1/place-name-checks"): PUBLIC,
    ("GET", "/api/v1/place-name-rules"): PUBLIC,
    ("GET", "/api/v1/place-name-audit"): only(*REGISTRARS),
    # The register, for its registrar.
    ("PATCH", NAMES + "/{number}"): only(*REGISTRARS, scope="decide"),
    ("GET", NAMES + "/{number}/history"): only(*OFFICERS),
    ("POST", NAMES + "/{number}/undo"): only(*REGISTRARS, scope="decide"),
    ("POST", NAMES + "/imports"): only(*REGISTRARS, scope="decide"),
    ("GET", NAMES + "/imports/{import_id}"): only(*REGISTRARS),
    ("POST", NAMES + "/imports/{import_id}/again"): only(*REGISTRARS, scope="decide"),
    ("GET", NAMES + "/imports/{import_id}/report"): only(*REGISTRARS),
    ("GET", "/names/import"): only(*REGISTRARS),
    ("POST", "/names/import"): only(*REGISTRARS),
    ("GET", "/names/import/{import_id}"): only(*REGISTRARS),
    ("POST", "/names/import/{import_id}"): only(*REGISTRARS),
    ("GET", "/api/v1/word-lists"): only(R.ADMINISTRATOR),
    ("GET", "/api/v1/word-lists/{list_name}"): only(R.ADMINISTRATOR),
    ("GET", "/api/v1/word-lists/{list_name}/history"): only(R.ADMINISTRATOR),
    ("POST", "/api/v1/word-lists/{list_name}"): only(R.ADMINISTRATOR, scope="administer"),
    ("GET", "/api/v1/naming-settings"): only(R.ADMINISTRATOR, R.REGISTRAR),
    ("POST", "/api/v1/naming-settings/switches"): only(R.ADMINISTRATOR, scope="administer"),
    ("POST", "/api/v1/naming-settings/readings"): only(R.ADMINISTRATOR, R.REGISTRAR, scope="administer"),
    # Facilities.
    ("GET", FACILITIES): PUBLIC,
    ("GET", FACILITIES + "/kinds"): PUBLIC,
    ("POST", FACILITIES + "/nearby"): PUBLIC,
    ("GET", FACILITIES + "/nearby"): PUBLIC,
    ("GET", FACILITIES + "/compare"): PUBLIC,
    ("GET", FACILITIES + "/coverage"): PUBLIC,
    ("GET", FACILITIES + "/sites"): only(*FACILITY_EDITORS),
    ("GET", FACILITIES + "/areas"): PUBLIC,
    ("GET", FACILITIES + "/figures"): PUBLIC,
    ("POST", FACILITIES): only(*FACILITY_EDITORS, scope="decide"),
    ("GET", FACILITIES + "/{number}"): PUBLIC,
    ("PATCH", FACILITIES + "/{number}"): only(*FACILITY_EDITORS, scope="decide"),
    ("POST", FACILITIES + "/{number}/reports"): only(*REPORTERS, scope="submit"),
    ("POST", FACILITIES + "/{number}/hours"): only(*REPORTERS, scope="submit"),
    ("POST", FACILITIES + "/{number}/operator"): only(*FACILITY_EDITORS, scope="decide"),
    ("GET", FACILITIES + "/{number}/history"): only(*FACILITY_EDITORS),
    ("GET", FACILITIES + "/{number}/inspections"): only(*FACILITY_EDITORS),
    ("POST", FACILITIES + "/{number}/inspections"): only(*FACILITY_EDITORS, scope="decide"),
    ("GET", "/maps/elderly-care"): PUBLIC,
    ("GET", "/facilities"): PUBLIC,
    ("GET", "/facilities/compare"): PUBLIC,
    ("GET", "/facilities/areas"): PUBLIC,
    ("GET", "/facilities/coverage"): PUBLIC,
    ("POST", "/facilities/leaflet"): PUBLIC,
    ("GET", "/facilities/{number:int}"): PUBLIC,
    ("GET", "/facilities/new"): only(*FACILITY_EDITORS),
    ("POST", "/facilities/new"): only(*FACILITY_EDITORS),
    ("GET", "/facilities/import"): only(*FACILITY_EDITORS),
    ("POST", "/facilities/import"): only(*FACILITY_EDITORS),
    ("GET", "/facilities/figures"): only(*FACILITY_EDITORS),
    ("POST", "/facilities/figures"): only(*FACILITY_EDITORS),
    ("POST", "/facilities/{number:int}"): only(*REPORTERS),
    # Tiles: answered before the gate (api/routes/tiles.py), to everybody.
    ("GET", "/tiles/{layer}/{z}/{x}/{y}.mvt"): PUBLIC,
    ("GET", "/api/v1/changes"): PUBLIC,
    ("GET", "/api/v1/published/{collection}.{kind}"): PUBLIC,
    # OGC API.
    ("GET", "/ogc"): PUBLIC,
    ("GET", "/ogc/"): PUBLIC,
    ("GET", "/ogc/conformance"): PUBLIC,
    ("GET", "/ogc/api"): PUBLIC,
    ("GET", "/ogc/collections"): PUBLIC,
    ("GET", "/ogc/collections/{collection}"): PUBLIC,
    ("GET", "/ogc/collections/{collection}/items"): PUBLIC,
    ("GET", "/ogc/collections/{collection}/items/{feature_id}"): PUBLIC,
    ("GET", "/ogc/collections/{collection}/tiles"): PUBLIC,
    ("GET", "/ogc/collections/{collection}/tiles/{tms}"): PUBLIC,
    ("GET", "/ogc/collections/{collection}/tiles/{tms}/{z}/{row}/{col}"): PUBLIC,
    ("GET", "/ogc/tileMatrixSets"): PUBLIC,
    ("GET", "/ogc/tileMatrixSets/{tms}"): PUBLIC,
    # Pages.
    ("GET", "/"): watched(PUBLIC, "marker"),
    ("GET", "/names"): PUBLIC,
    ("GET", "/names/{number:int}"): PUBLIC,
    ("GET", "/names/data"): PUBLIC,
    ("GET", "/names/vanished"): PUBLIC,
    ("GET", "/places"): PUBLIC,
    ("GET", "/places/{place_id:int}"): PUBLIC,
    ("GET", "/places/{place_id:int}/pictures/{sha256}"): PUBLIC,
    ("GET", "/login"): PUBLIC,
    ("POST", "/login"): LOGIN,
    ("GET", "/login/sso"): PUBLIC,
    ("GET", "/login/sso/back"): PUBLIC,
    ("POST", "/logout"): LEAVING,
    ("GET", "/maps/boundaries"): watched(PUBLIC, "marker"),
    ("GET", "/maps/villages"): PUBLIC,
    ("GET", "/where"): PUBLIC,
    ("POST", "/where"): PUBLIC,
    ("GET", "/robots.txt"): PUBLIC,
    ("GET", "/sitemap.xml"): PUBLIC,
    ("GET", "/sitemaps/{part:int}.xml"): PUBLIC,
    ("GET", "/programme"): PUBLIC,
    ("GET", "/api/v1/programme/items"): PUBLIC,
    ("GET", "/api/v1/programme/counts"): PUBLIC,
    ("GET", "/report"): PUBLIC,
    ("POST", "/report"): PUBLIC,
    ("GET", "/report/find"): PUBLIC,
    ("GET", "/report/{number}"): PUBLIC,
    ("GET", "/reports"): only(R.REGISTRAR),
    ("POST", "/reports/{number}"): only(R.REGISTRAR),
    ("GET", "/api/v1/maps/villages"): PUBLIC,
    ("GET", "/names/check"): PUBLIC,
    ("POST", "/names/check"): PUBLIC,
    ("GET", "/names/check/answer"): PUBLIC,
    ("GET", "/names/rules"): PUBLIC,
    ("GET", "/account"): ANYBODY_LOGGED_IN,
    ("GET", "/account/password"): OWN,
    ("POST", "/account/password"): OWN_TO_CHANGE,
    ("POST", "/account/sessions"): Access(frozenset(), "administer"),
    ("POST", "/account/tokens"): Access(frozenset(), "administer"),
    ("GET", "/audit/head"): PUBLIC,
    ("GET", "/admin/users"): only(R.ADMINISTRATOR, scope="administer"),
    ("POST", "/admin/users"): only(R.ADMINISTRATOR, scope="administer"),
    ("GET", "/admin/users/new"): only(R.ADMINISTRATOR, scope="administer"),
    ("GET", "/admin/users/{user_id:int}"): only(R.ADMINISTRATOR, scope="administer"),
    ("POST", "/admin/users/{user_id:int}"): only(R.ADMINISTRATOR, scope="administer"),
    ("GET", "/admin/audit"): watched(only(R.ADMINISTRATOR, scope="administer"), "audit"),
    ("GET", "/admin/words"): only(R.ADMINISTRATOR),
    ("POST", "/admin/words"): only(R.ADMINISTRATOR),
    ("GET", "/apply"): PUBLIC,
    ("POST", "/apply"): only(R.APPLICANT, scope="submit"),
    ("GET", "/apply/plans/{ref}"): only(R.APPLICANT),
    ("POST", "/apply/plans/{ref}"): only(R.APPLICANT, scope="submit"),
    ("GET", "/apply/{key}"): only(R.APPLICANT),
    ("GET", "/apply/{key}/state"): only(R.APPLICANT),
    ("POST", "/apply/{key}"): only(R.APPLICANT, scope="submit"),
    ("POST", "/apply/{key}/materials"): only(R.APPLICANT, scope="submit"),
    ("GET", "/applications/status"): PUBLIC,
    ("POST", "/applications/status"): PUBLIC,
    ("GET", "/applications/{number}"): PUBLIC,
    ("POST", "/applications/{number}"): only(R.APPLICANT, scope="submit"),
    ("GET", "/applications/{number}/receipt"): only(*CASE_PEOPLE),
    ("GET", "/announcements"): PUBLIC,
    ("GET", "/announcements/{year:int}/{serial:int}"): PUBLIC,
    ("GET", "/comments"): PUBLIC,
    ("GET", "/comments/{number}"): PUBLIC,
    ("POST", "/comments/{number}"): PUBLIC,
    ("GET", "/survey"): only(*WORKERS),
    ("GET", "/survey/{number}"): watched(only(*WORKERS), "submission"),
    ("POST", "/survey"): only(*SUBMITTERS, scope="submit"),
    ("POST", "/survey/{number}/recheck"): only(*WORKERS),
    ("POST", "/survey/{number}/decide"): only(*OFFICERS),
    ("GET", "/review"): only(*OFFICERS),
    ("GET", "/review/plans/{ref}"): only(*OFFICERS),
    ("POST", "/review/plans/{ref}"): only(*OFFICERS),
    ("GET", "/review/{number}"): only(*OFFICERS),
    ("POST", "/review/{number}/steps"): only(*OFFICERS),
    ("POST", "/review/{number}/comments/{key}"): only(*OFFICERS),
    ("GET", "/registry"): only(R.REGISTRAR, R.ADMINISTRATOR),
    ("GET", "/registry/audit"): only(R.REGISTRAR, R.ADMINISTRATOR),
    ("GET", "/registry/{number}"): only(R.REGISTRAR, R.ADMINISTRATOR),
    ("POST", "/registry/{number}"): only(R.REGISTRAR, R.ADMINISTRATOR),
    ("POST", "/registry/{number}/reading"): only(R.REGISTRAR, R.ADMINISTRATOR),
    ("POST", "/registry/{number}/undo"): only(R.REGISTRAR, R.ADMINISTRATOR),
    ("GET", "/protection"): PUBLIC,
    ("GET", "/protection/{list_id}"): PUBLIC,
    ("POST", "/protection"): only(*OFFICERS),
    ("POST", "/protection/{list_id}/entries"): only(*OFFICERS),
    ("POST", "/protection/{list_id}/steps"): only(*OFFICERS),
    ("GET", "/dashboard"): PUBLIC,
    ("GET", "/boundaries/{code}"): watched(PUBLIC, "boundary-line"),
    ("POST", "/boundaries/{code}/transitions"): only(*OFFICERS),
}


def access_to(method: str, path: str) -> Access:
    """The access rule of a route. Raises NotAllowed for one that the table does not list."""
    access = TABLE.get(("GET" if method == "HEAD" else method, path))
    if access is None:
        raise NotAllowed()
    return access


def permit(access: Access, person: Person | None) -> None:
    """Raise NotLoggedIn, NotAllowed or OutOfScope where the person may not pass."""
    if access.roles is None:
        return
    if person is None:
        raise NotLoggedIn()
    if access.roles and not person.holds(*access.roles):
        raise NotAllowed()
    if person.scopes is not None and access.scope not in person.scopes:
        raise OutOfScope(scope=access.scope)


def may_see_restricted(person: Person | None) -> bool:
    """Whether a person may see exact markers and lines that are not settled.

    Officers may; a surveying firm sees its own submissions and, of all else, what the public sees.
    """
    if person is None or not person.holds(*OFFICERS):
        return False
    return person.scopes is None or "read" in person.scopes


def as_table() -> str:
    """The table as Markdown, for docs/http.md: route, who, and the scope that a token needs."""
    rows = ["| route | who | token scope |", "|---|---|---|"]
    for (method, path), access in TABLE.items():
        if access.roles is None:
            who, scope = "everybody", "–"
        else:
            named = [role.value for role in UserRole if role in access.roles]
            who, scope = ", ".join(named) or "anybody logged in", access.scope
        rows.append(f"| `{method} {path}` | {who} | {scope} |")
    return "\n".join(rows)
