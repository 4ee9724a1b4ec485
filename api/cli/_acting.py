"""Who a command acts as: no one logs in at a terminal, but every write has an author."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from geo.terms import UserRole

if TYPE_CHECKING:
    from api.security.person import Person

#: What each role is called where --as has to name it.
CALLED = {
    UserRole.SURVEYOR: "测绘人员 · name the surveyor",
    UserRole.REGISTRAR: "地名登记员 · name the registrar",
    UserRole.FACILITY_EDITOR: "设施管理员 · name the facility editor",
}


def acting(session: Any, login: str | None, role: UserRole, *, or_administrator: bool = True) -> Person:
    """The person named; else the only one of that role in the district, else its only administrator.

    Demonstration accounts act where there is no real one. Raises typer.BadParameter where it is not clear who.
    """
    from api.acts import administer
    from api.security.sessions import person_of
    from geo.settings import district
    from geo.store import people

    code = district().code
    if login is not None:
        return administer.acting_user(session, login, code)
    for held in (role, UserRole.ADMINISTRATOR) if or_administrator else (role,):
        known = people.users_with(session, held, code)
        real, demo = [u for u in known if not u.demo], [u for u in known if u.demo]
        if len(real) == 1 or (not real and demo):
            return person_of((real or demo)[0], code)
    raise typer.BadParameter(f"请用 --as LOGIN 指明由哪位{CALLED[role]} with --as LOGIN", param_hint="--as")
