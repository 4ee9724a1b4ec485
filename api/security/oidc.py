"""统一身份认证 (OpenID Connect): log in by a government's single sign-on. Optional; off unless it is configured.

Authorization code with PKCE, state and nonce. Who may log in is not the provider's to say: an identity has to be
linked to an account here. Settings: YUDI_OIDC_ISSUER, YUDI_OIDC_CLIENT_ID, YUDI_OIDC_CLIENT_SECRET or
YUDI_OIDC_CLIENT_SECRET_FILE; roles from a claim only where YUDI_OIDC_ROLES_CLAIM and YUDI_OIDC_ROLES say so.
"""

from __future__ import annotations

import hmac
import os
import secrets
import time
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import urlencode

import httpx
from authlib.deprecate import AuthlibDeprecationWarning
from authlib.integrations.base_client import OAuthError
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from geo.problems import NotLoggedIn, Unavailable
from geo.terms import UserRole
from geo.text import Text

with warnings.catch_warnings():
    # Authlib would rather run on a successor of httpx.
    warnings.simplefilter("ignore", AuthlibDeprecationWarning)
    from authlib.integrations.httpx_client import OAuth2Client

#: Signatures that are taken, of those that the provider says it makes. Never "none", never a shared secret.
ALGORITHMS = (
    "RS256",
    "PS256",
    "ES256",
    "RS384",
    "PS384",
    "ES384",
    "RS512",
    "PS512",
    "ES512",
    "EdDSA",
    "Ed25519",
)
SECONDS = 5.0
#: How long what the provider says of itself is good for, and how far two clocks may differ, in seconds.
KEPT, LEEWAY = 3600.0, 60


class ProviderAway(Unavailable):
    """The provider does not answer, or not as an OpenID provider does."""

    code = "sign-on-away"
    title = Text(
        "统一身份认证暂时不可用，请稍后再试，或用本系统口令登录",
        "The single sign-on does not answer: try again later, or log in with a password",
    )


class SignOnRefused(NotLoggedIn):
    """The provider did not let the person in, or its answer does not hold."""

    code = "sign-on-refused"
    title = Text(
        "统一身份认证没有通过（{why}），请重新登录",
        "The single sign-on did not succeed ({why}): log in again",
    )


class SignOnOver(NotLoggedIn):
    """The answer fits no login that this browser has begun."""

    code = "sign-on-over"
    title = Text(
        "本次统一身份登录已失效（超时、重复提交，或在另一浏览器发起），请重新登录",
        "This login is over: it took too long, was sent twice, or began in another browser. Log in again",
    )


class BadOidcSettings(Unavailable):
    """The settings of the single sign-on are not whole."""

    code = "bad-oidc-settings"
    title = Text(
        "统一身份认证设置不全或有误：{what}", "The settings of the single sign-on are not whole: {what}"
    )


@dataclass(frozen=True, slots=True)
class OidcSettings:
    """What a provider gave out for this site. roles: role by value of the claim; none where mapping is off."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    roles_claim: str | None = None
    roles: Mapping[str, UserRole] = field(default_factory=dict)

    @classmethod
    def from_environment(cls) -> OidcSettings | None:
        """None where no issuer is set. Raises BadOidcSettings."""
        env = os.environ
        issuer = env.get("YUDI_OIDC_ISSUER", "").strip()
        if not issuer:
            return None
        client = env.get("YUDI_OIDC_CLIENT_ID", "").strip()
        secret = env.get("YUDI_OIDC_CLIENT_SECRET", "").strip()
        file = env.get("YUDI_OIDC_CLIENT_SECRET_FILE", "").strip()
        if file:
            try:
                secret = Path(file).read_text(encoding="utf-8").strip()
            except OSError as error:
                raise BadOidcSettings(what="YUDI_OIDC_CLIENT_SECRET_FILE") from error
        for name, value in (("YUDI_OIDC_CLIENT_ID", client), ("YUDI_OIDC_CLIENT_SECRET", secret)):
            if not value:
                raise BadOidcSettings(what=name)
        if not issuer.startswith("https://") and not _loopback(issuer):
            raise BadOidcSettings(what="YUDI_OIDC_ISSUER (https)")
        claim = env.get("YUDI_OIDC_ROLES_CLAIM", "").strip() or None
        return cls(issuer, client, secret, claim, _mapping(env.get("YUDI_OIDC_ROLES", "")))


def _loopback(issuer: str) -> bool:
    return httpx.URL(issuer).host in ("127.0.0.1", "localhost", "::1")


def _mapping(given: str) -> dict[str, UserRole]:
    """`value=role,value=role`. An administrator is made by an administrator alone."""
    found: dict[str, UserRole] = {}
    for pair in filter(None, (part.strip() for part in given.split(","))):
        value, _, role = pair.rpartition("=")
        try:
            found[value.strip()] = UserRole(role.strip())
        except ValueError as error:
            raise BadOidcSettings(what=f"YUDI_OIDC_ROLES ({pair})") from error
        if not value or found[value.strip()] is UserRole.ADMINISTRATOR:
            raise BadOidcSettings(what=f"YUDI_OIDC_ROLES ({pair})")
    return found


@dataclass(frozen=True, slots=True)
class Begun:
    """A login that has been begun: where to send the browser, and what its answer has to fit."""

    address: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the provider says that it is. token: its ID token, to be handed back when logging out."""

    issuer: str
    subject: str
    claims: Mapping[str, Any]
    token: str


class Provider:
    """An OpenID provider: what it says of itself and its keys are kept for an hour, keys asked for again when an
    unknown one is named."""

    def __init__(self, settings: OidcSettings) -> None:
        self.settings = settings
        self._lock = Lock()
        self._kept: dict[str, tuple[float, Any]] = {}

    def begin(self, back: str) -> Begun:
        """Begin a login that is answered at `back`. Raises ProviderAway."""
        endpoint = self._endpoint("authorization_endpoint")
        nonce, state, verifier = (secrets.token_urlsafe(size) for size in (24, 24, 48))
        with self._client(back) as client:
            address, state = client.create_authorization_url(
                endpoint, state=state, nonce=nonce, code_verifier=verifier
            )
        return Begun(address, state, nonce, verifier)

    def finish(self, code: str, *, back: str, nonce: str, verifier: str) -> Identity:
        """Exchange the code for an ID token, and prove the token. Raises ProviderAway, SignOnRefused."""
        endpoint = self._endpoint("token_endpoint")
        try:
            with self._client(back) as client:
                answer = client.fetch_token(endpoint, code=code, code_verifier=verifier)
        except OAuthError as error:
            raise SignOnRefused(why=_plain(error.error)) from error
        except (httpx.HTTPError, ValueError) as error:
            raise ProviderAway() from error
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise SignOnRefused(why="no id_token")
        return self._prove(token, nonce)

    def answers_for(self, issuer: str) -> bool:
        """Whether an answer that names this issuer, or none, is this provider's (RFC 9207): a provider that says that
        it names itself has to."""
        if issuer:
            return issuer == self.settings.issuer
        return not self._metadata().get("authorization_response_iss_parameter_supported", False)

    def leaving(self, back: str, token: str | None) -> str | None:
        """Where to send the browser so that the provider's session ends too (RP-initiated logout); None where the
        provider offers no such thing or does not answer."""
        try:
            endpoint = self._metadata().get("end_session_endpoint")
        except ProviderAway:
            return None
        if not isinstance(endpoint, str):
            return None
        asked = {"client_id": self.settings.client_id, "post_logout_redirect_uri": back}
        if token:
            asked["id_token_hint"] = token
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"

    def roles(self, claims: Mapping[str, Any]) -> set[UserRole] | None:
        """The roles that the claims stand for; None where mapping is off."""
        if self.settings.roles_claim is None:
            return None
        given = claims.get(self.settings.roles_claim)
        values = given if isinstance(given, list) else [given]
        return {self.settings.roles[v] for v in values if isinstance(v, str) and v in self.settings.roles}

    def _client(self, back: str) -> OAuth2Client:
        methods = self._metadata().get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        method = next((m for m in ("client_secret_basic", "client_secret_post") if m in methods), methods[0])
        return OAuth2Client(
            client_id=self.settings.client_id,
            client_secret=self.settings.client_secret,
            token_endpoint_auth_method=method,
            scope="openid profile",
            redirect_uri=back,
            code_challenge_method="S256",
            timeout=SECONDS,
        )

    def _prove(self, token: str, nonce: str) -> Identity:
        """Signature, issuer, audience, times and nonce of an ID token."""
        offered = self._metadata().get("id_token_signing_alg_values_supported") or ["RS256"]
        algorithms = [name for name in offered if name in ALGORITHMS]
        registry = jwt.JWTClaimsRegistry(
            leeway=LEEWAY,
            iss={"essential": True, "value": self.settings.issuer},
            aud={"essential": True, "value": self.settings.client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
        )
        try:
            try:
                decoded = jwt.decode(token, self._keys(), algorithms=algorithms)
            except (JoseError, ValueError):  # a key that came after we asked
                decoded = jwt.decode(token, self._keys(anew=True), algorithms=algorithms)
            registry.validate(decoded.claims)
        except (JoseError, ValueError) as error:
            raise SignOnRefused(why="id_token") from error
        claims = decoded.claims
        subject, party = claims["sub"], claims.get("azp")
        if not isinstance(subject, str) or not 1 <= len(subject) <= 255:
            raise SignOnRefused(why="sub")
        if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
            raise SignOnRefused(why="nonce")
        if party is not None and party != self.settings.client_id:
            raise SignOnRefused(why="azp")
        return Identity(self.settings.issuer, subject, claims, token)

    def _metadata(self) -> dict[str, Any]:
        address = self.settings.issuer.rstrip("/") + "/.well-known/openid-configuration"
        found = self._fetched(address)
        if not isinstance(found, dict) or found.get("issuer") != self.settings.issuer:
            raise ProviderAway()
        return found

    def _endpoint(self, name: str) -> str:
        endpoint = self._metadata().get(name)
        if not isinstance(endpoint, str):
            raise ProviderAway()
        return endpoint

    def _keys(self, *, anew: bool = False) -> KeySet:
        return KeySet.import_key_set(self._fetched(self._endpoint("jwks_uri"), anew=anew))

    def _fetched(self, address: str, *, anew: bool = False) -> Any:
        """A JSON document of the provider's, kept for an hour. Raises ProviderAway."""
        with self._lock:
            at, known = self._kept.get(address, (-KEPT, None))
            if not anew and known is not None and time.monotonic() - at < KEPT:
                return known
        try:
            answer = httpx.get(address, timeout=SECONDS)
            answer.raise_for_status()
            known = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise ProviderAway() from error
        with self._lock:
            self._kept[address] = (time.monotonic(), known)
        return known


def _plain(error: Any) -> str:
    """An error code of the provider's, as far as it is one."""
    text = str(error or "")[:60]
    return text if text.replace("_", "").isalnum() and text.isascii() else "error"


def refusal(error: str) -> SignOnRefused:
    """The refusal that the provider sent the browser back with."""
    return SignOnRefused(why=_plain(error))
