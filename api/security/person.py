"""Person: who is acting, as the doors found out and the acts ask."""

from __future__ import annotations

from dataclasses import dataclass

from geo.terms import UserRole


@dataclass(frozen=True, slots=True)
class Person:
    """办理人: a logged-in user with the roles that are held in the configured district.

    organisation_kind: of Organisation.kind. unit_code: the unit that the
    organisation is of, where it is one. scopes: None for a cookie session (everything that the roles
    allow), else the scopes of the bearer token. address: of the client, for the audit trail.
    """

    id: int
    login: str
    name: str
    organisation_id: int
    organisation: str
    organisation_kind: str
    unit_code: str | None
    roles: frozenset[UserRole]
    district: str
    scopes: frozenset[str] | None = None
    address: str | None = None

    def holds(self, *roles: UserRole) -> bool:
        """Whether the person holds any of the roles."""
        return bool(self.roles & set(roles))
