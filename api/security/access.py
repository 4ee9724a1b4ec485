"""Who may pass (权限的含义): kinds of access, the groups of roles, the scopes of tokens, and how one is let through.

Which route has which access is the table in api/security/permissions.py.
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
FACILITY_EDITORS = (R.FACILITY_EDITOR, R.ADMINISTRATOR)
REPORTERS = (*FACILITY_EDITORS, R.FACILITY_OPERATOR)


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
