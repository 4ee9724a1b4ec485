"""Settings of the doors: addresses, session lengths, limits. Read once when the app is made."""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from api.security.oidc import OidcSettings
from geo.settings import Limits


@dataclass(frozen=True, slots=True)
class DoorSettings:
    """What the doors go by.

    public_url (`YUDI_PUBLIC_URL`): where the site is reached from outside; with it, other host names
    are refused. host (`YUDI_HOST`): the address that the site listens on; map_approval (`YUDI_MAP_APPROVAL`): the
    map-approval number (审图号), without which maps are for this machine alone. idle, absolute: a cookie session ends after so long without a request, or in any case.
    token_life: of a bearer token. first_password_life: a password set by an
    administrator has to be changed within it. lock_after: wrong passwords in a row until an account rests for
    lock_for. login_burst, login_per_minute: token bucket of one address; upload_burst,
    upload_per_minute: of one person; check_burst, check_per_minute: name checks of one address;
    status_burst, status_per_minute: questions for an application's status, of one address and of one number;
    comment_burst, comment_per_minute: public comments of one address. registration: whether people may make accounts to
    apply with; register_burst, register_per_minute: of one address. body_bytes: of a JSON body; upload_bytes, evidence_bytes: of a file. oidc: the single
    sign-on, None where there is none.
    """

    public_url: str | None = None
    host: str = "127.0.0.1"
    map_approval: str | None = None
    idle: timedelta = timedelta(minutes=60)
    absolute: timedelta = timedelta(hours=12)
    token_life: timedelta = timedelta(days=7)
    first_password_life: timedelta = timedelta(days=7)
    lock_after: int = 8
    lock_for: timedelta = timedelta(minutes=15)
    login_burst: int = 20
    login_per_minute: float = 10.0
    upload_burst: int = 60
    upload_per_minute: float = 30.0
    check_burst: int = 120
    check_per_minute: float = 240.0
    status_burst: int = 20
    status_per_minute: float = 6.0
    comment_burst: int = 10
    comment_per_minute: float = 2.0
    registration: bool = True
    register_burst: int = 10
    register_per_minute: float = 1.0
    body_bytes: int = 1024**2
    upload_bytes: int = 100 * 1024**2
    evidence_bytes: int = 50 * 1024**2
    oidc: OidcSettings | None = None

    @classmethod
    def from_environment(cls) -> DoorSettings:
        """YUDI_PUBLIC_URL, YUDI_HOST, YUDI_MAP_APPROVAL, YUDI_SESSION_IDLE_MINUTES, YUDI_SESSION_HOURS, YUDI_TOKEN_DAYS,
        YUDI_LOCK_AFTER, YUDI_LOCK_MINUTES, YUDI_LOGIN_PER_MINUTE, YUDI_UPLOAD_PER_MINUTE,
        YUDI_CHECK_BURST, YUDI_CHECK_PER_MINUTE, YUDI_REGISTRATION (on, off), YUDI_REGISTER_PER_MINUTE and
        YUDI_LIMIT_UPLOAD_BYTES, each with the default above."""
        env = os.environ
        default = cls()
        minutes, hours, days = (
            float(env.get("YUDI_SESSION_IDLE_MINUTES", default.idle.total_seconds() / 60)),
            float(env.get("YUDI_SESSION_HOURS", default.absolute.total_seconds() / 3600)),
            float(env.get("YUDI_TOKEN_DAYS", default.token_life.total_seconds() / 86400)),
        )
        return cls(
            public_url=env.get("YUDI_PUBLIC_URL") or None,
            host=env.get("YUDI_HOST") or default.host,
            map_approval=env.get("YUDI_MAP_APPROVAL", "").strip() or None,
            idle=timedelta(minutes=minutes),
            absolute=timedelta(hours=hours),
            token_life=timedelta(days=days),
            lock_after=int(env.get("YUDI_LOCK_AFTER", default.lock_after)),
            lock_for=timedelta(
                minutes=float(env.get("YUDI_LOCK_MINUTES", default.lock_for.total_seconds() / 60))
            ),
            login_per_minute=float(env.get("YUDI_LOGIN_PER_MINUTE", default.login_per_minute)),
            upload_per_minute=float(env.get("YUDI_UPLOAD_PER_MINUTE", default.upload_per_minute)),
            check_burst=int(env.get("YUDI_CHECK_BURST", default.check_burst)),
            check_per_minute=float(env.get("YUDI_CHECK_PER_MINUTE", default.check_per_minute)),
            registration=env.get("YUDI_REGISTRATION", "on").strip().lower() not in ("off", "0", "no"),
            register_per_minute=float(env.get("YUDI_REGISTER_PER_MINUTE", default.register_per_minute)),
            upload_bytes=Limits.from_environment().upload_bytes,
            oidc=OidcSettings.from_environment(),
        )

    @property
    def oidc_issuer(self) -> str | None:
        """The issuer of the single sign-on, where there is one."""
        return None if self.oidc is None else self.oidc.issuer

    @property
    def https(self) -> bool:
        """Whether people reach the site over https."""
        return bool(self.public_url) and urlsplit(str(self.public_url)).scheme == "https"

    @property
    def maps_fenced(self) -> bool:
        """Whether public maps are refused: the site is there for others, and nobody has approved its maps. A public
        address counts as much as the one listened on: behind a front server the site itself is on loopback."""
        outside = urlsplit(str(self.public_url)).hostname if self.public_url else None
        return self.map_approval is None and not (
            is_loopback(self.host) and (outside is None or is_loopback(outside))
        )

    @property
    def hosts(self) -> frozenset[str] | None:
        """The host names that requests may name; None where any may."""
        if not self.public_url:
            return None
        return frozenset({urlsplit(self.public_url).hostname or "", "localhost", "127.0.0.1", "::1"})


def is_loopback(host: str) -> bool:
    """Whether a host is this machine itself, as seen from itself alone."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"
