"""robots.txt and the sitemap: an index of parts, the first with the public pages, the others with names by number."""

from __future__ import annotations

from fastapi import APIRouter, Request
from markupsafe import Markup
from starlette.responses import Response

from api.doors import PublicReading
from api.sharing import base_of
from geo.problems import NotFound
from geo.store import published_names

router = APIRouter(include_in_schema=False)

#: Names of one part; a sitemap may hold 50,000 addresses.
PART = 10_000
PAGES = (
    "/", "/names", "/names/vanished", "/names/data", "/maps/boundaries", "/maps/villages", "/maps/elderly-care",
    "/facilities", "/programme", "/protection", "/announcements", "/dashboard", "/report", "/where",
)  # fmt: skip
#: What only those with an account use, and forms.
CLOSED = ("/login", "/account", "/survey", "/review", "/registry", "/reports", "/users", "/audit")
CACHE = {"Cache-Control": "public, max-age=3600"}
HEAD = Markup('<?xml version="1.0" encoding="UTF-8"?>\n')
SPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"


@router.get("/robots.txt")
def robots(request: Request) -> Response:
    """What programs that collect pages may read, and where the sitemap is."""
    lines = [
        "User-agent: *",
        *(f"Disallow: {path}" for path in CLOSED),
        f"Sitemap: {base_of(request)}/sitemap.xml",
    ]
    return Response("\n".join(lines) + "\n", media_type="text/plain; charset=utf-8", headers=CACHE)


@router.get("/sitemap.xml")
def index(request: Request, session: PublicReading) -> Response:
    """The parts of the sitemap."""
    parts = -(-published_names.highest(session) // PART)
    return _xml(
        "sitemapindex", "sitemap", [f"{base_of(request)}/sitemaps/{part}.xml" for part in range(parts + 1)]
    )


@router.get("/sitemaps/{part:int}.xml")
def one(request: Request, part: int, session: PublicReading) -> Response:
    """One part: 0 the pages, n the names n·10,000 - 9,999 to n·10,000. Raises NotFound."""
    base = base_of(request)
    if part == 0:
        return _xml("urlset", "url", [base + path for path in PAGES])
    if part > 1_000_000:
        raise NotFound()
    numbers = published_names.numbers(session, after=(part - 1) * PART, to=part * PART)
    if not numbers:
        raise NotFound()
    return _xml("urlset", "url", [f"{base}/names/{number}" for number in numbers])


def _xml(root: str, entry: str, addresses: list[str]) -> Response:
    rows = Markup("").join(Markup(f"<{entry}><loc>{{}}</loc></{entry}>\n").format(a) for a in addresses)
    text = HEAD + Markup(f'<{root} xmlns="{SPACE}">\n') + rows + Markup(f"</{root}>\n")
    return Response(str(text), media_type="application/xml", headers=CACHE)
