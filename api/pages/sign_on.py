"""统一身份登录 /login/sso: to the provider and back. A refusal is shown on the login page, with its reason."""

from __future__ import annotations

import hmac
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from api.acts import single_sign_on
from api.doors import address, district_of, secure, settings_of, take_turn, transaction
from api.pages.rendering import page, status_of
from api.pages.way import way_back
from api.security.oidc import Provider, SignOnOver, SignOnRefused, refusal
from api.security.sessions import cookie_name, device, set_cookie
from geo.problems import NotFound, Problem

router = APIRouter(include_in_schema=False)

#: The cookie that binds a login to the browser that began it, and the one that keeps the provider's token for the
#: moment of logging out. Each goes to its own path alone.
STATE, HINT = "yudi_sso", "yudi_sso_hint"
STATE_PATH, HINT_PATH = "/login/sso", "/logout"
LONGEST_HINT = 3500


def provider_of(request: Request) -> Provider:
    """The configured provider. Raises NotFound where there is none."""
    provider: Provider | None = request.app.state.provider
    if provider is None:
        raise NotFound()
    return provider


def site(request: Request) -> str:
    """The address of this site without a slash at its end."""
    return (settings_of(request).public_url or str(request.base_url)).rstrip("/")


@router.get("/login/sso")
def begin(request: Request, next: str = "/survey") -> Response:
    """To the provider."""
    provider = provider_of(request)
    try:
        _take(request)
        begun = provider.begin(site(request) + "/login/sso/back")
    except Problem as problem:
        return _refused(request, problem)
    with transaction(request) as session:
        single_sign_on.begin(session, begun, way_back(next))
    response = RedirectResponse(begun.address, status_code=303)
    response.set_cookie(
        STATE, begun.state, path=STATE_PATH, secure=secure(request), httponly=True, samesite="lax",
        max_age=int(single_sign_on.PATIENCE.total_seconds()),
    )  # fmt: skip
    return response


@router.get("/login/sso/back")
def come_back(
    request: Request,
    state: Annotated[str, Query(max_length=200)] = "",
    code: Annotated[str, Query(max_length=2000)] = "",
    error: Annotated[str, Query(max_length=200)] = "",
    iss: Annotated[str, Query(max_length=500)] = "",
) -> Response:
    """From the provider: the code is exchanged, the token proved, the account's session opened."""
    provider = provider_of(request)
    try:
        _take(request)
        if not state or not hmac.compare_digest(state.encode(), request.cookies.get(STATE, "").encode()):
            raise SignOnOver()
        with transaction(request) as session:
            nonce, verifier, back = single_sign_on.take_up(session, state)
        if not provider.answers_for(iss):
            raise SignOnRefused(why="iss")
        if error:
            raise refusal(error)
        identity = provider.finish(
            code, back=site(request) + "/login/sso/back", nonce=nonce, verifier=verifier
        )
        with transaction(request) as session:
            outcome: Any = single_sign_on.log_in(
                session, identity, roles=provider.roles(identity.claims), settings=settings_of(request),
                district=district_of(request).code, address=address(request),
                replaces=request.cookies.get(cookie_name(secure(request))),
                device=device(request.headers.get("user-agent", "")),
            )  # fmt: skip
        if isinstance(outcome, Problem):
            raise outcome
    except Problem as problem:
        return _refused(request, problem)
    response = RedirectResponse(back, status_code=303)
    set_cookie(response, outcome[0], secure=secure(request))
    response.delete_cookie(STATE, path=STATE_PATH)
    if len(identity.token) <= LONGEST_HINT:
        response.set_cookie(
            HINT, identity.token, path=HINT_PATH, secure=secure(request), httponly=True, samesite="lax"
        )
    return response


def left(request: Request) -> Response | None:
    """After leaving: the page that sends the browser on, so that the provider's session ends too; None where no
    provider knows of this session."""
    known = request.state.known
    provider: Provider | None = request.app.state.provider
    if known is None or not known.sign_on or provider is None:
        return None
    onward = provider.leaving(site(request) + "/", request.cookies.get(HINT))
    if onward is None:
        return None
    response = page(request, "signed_off.html", onward=onward, person=None, csrf="")
    response.delete_cookie(HINT, path=HINT_PATH)
    return response


def _take(request: Request) -> None:
    settings = settings_of(request)
    take_turn(request, "login", burst=settings.login_burst, per_minute=settings.login_per_minute)


def ways_in(request: Request) -> dict[str, bool]:
    """What the login page offers beside name and password."""
    settings = settings_of(request)
    return {"sign_on": settings.oidc is not None, "registration": settings.registration}


def _refused(request: Request, problem: Problem) -> Response:
    response = page(
        request, "login.html", status=status_of(problem), next="/", user="", made="", problem=problem.text,
        **ways_in(request),
    )  # fmt: skip
    response.delete_cookie(STATE, path=STATE_PATH)
    return response
