"""OGC API: Features (Part 1: core, GeoJSON, HTML, OpenAPI 3; Part 2: CRS) and Tiles over the published views.

core      landing page, conformance, definition, collections
items     features of a collection, page by page
tiles     tile sets of a collection, in WebMercatorQuad
"""

from __future__ import annotations

from fastapi import APIRouter

from api.routes.ogc import core, items, tiles

router = APIRouter()
for part in (core.router, items.router, tiles.router):
    router.include_router(part)
