"""Page: Folium without internet. Own Figure and Map, every asset from one table, no user data in templates.

Folium's and branca's elements wrap what they rendered in `Element(text)` and compile it as a template
again, unsandboxed: a place name in braces would run on the server. Two walls stand against that. Data
never go through a folium template: they are a JSON block that the figure adds after rendering. And
`Element` is replaced, when this module is imported, by one that takes a text as it stands.
"""

from __future__ import annotations

import base64
import hashlib
import json
import mimetypes
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import branca.element
import folium
from folium.elements import JSCSSMixin
from folium.map import Layer
from folium.template import Template
from markupsafe import Markup

from geo.basemap import LAST_ZOOM, basemap
from geo.settings import ROOT
from maps.words import word

STATIC = ROOT / "api" / "static"

#: Every script and style sheet that a map may ask for, by the name it is asked by. Nothing else exists:
#: an unknown name raises, so no map can link to a foreign host.
VENDOR: Mapping[str, str] = {
    "leaflet": "vendor/leaflet/leaflet.js",
    "leaflet_css": "vendor/leaflet/leaflet.css",
    "maplibre": "vendor/maplibre-gl/maplibre-gl-csp.js",
    "maplibre_inline": "vendor/maplibre-gl/maplibre-gl.js",
    "maplibre_worker": "vendor/maplibre-gl/maplibre-gl-csp-worker.js",
    "maplibre_leaflet": "vendor/maplibre-gl-leaflet/leaflet-maplibre-gl.js",
    "yudi_tokens_css": "css/tokens.css",
    "yudi_map_css": "css/map.css",
    "yudi_map": "js/map.js",
    "yudi_labels": "js/map-labels.js",
    "yudi_tiles": "js/map-tiles.js",
    "yudi_boundary_map": "js/map-boundaries.js",
    "yudi_finding_map": "js/map-findings.js",
    "yudi_difference_map": "js/map-difference.js",
    "yudi_place_map": "js/map-place.js",
    "yudi_case_map": "js/map-case.js",
    "yudi_village_map": "js/map-villages.js",
    "yudi_village_card": "js/map-village-card.js",
    "yudi_village_pages": "js/map-village-pages.js",
    "yudi_village_css": "css/villages.css",
    "yudi_care_map": "js/map-care.js",
    "yudi_care_css": "css/care.css",
    "yudi_area_map": "js/map-areas.js",
    "yudi_where_map": "js/map-where.js",
    "yudi_name_check_map": "js/map-name-check.js",
    "yudi_application_map": "js/map-application.js",
    "pdfjs": "vendor/pdfjs/pdf.mjs",
    "pdfjs_worker": "vendor/pdfjs/pdf.worker.mjs",
    "terra_draw": "vendor/terra-draw/terra-draw.js",
    "terra_draw_leaflet": "vendor/terra-draw/leaflet-adapter.js",
}

#: Where a standalone page needs another build of the same library: the csp build of MapLibre loads its
#: worker from an address, which a file has not.
INLINE_INSTEAD: Mapping[str, str] = {"maplibre": "maplibre_inline"}


class UnknownAsset(KeyError):
    """A map asked for a script or style sheet that the vendor table does not name."""


class MissingAsset(FileNotFoundError):
    """A vendor file is not installed; `./yudi up` installs it."""


class _Verbatim:
    """A template that renders to its text and nothing else."""

    def __init__(self, text: str) -> None:
        self.text = text

    def render(self, *_: object, **__: object) -> str:
        return self.text


def harden() -> None:
    """Make `Element(text)` keep text as text instead of compiling it as a Jinja template. Idempotent."""
    element = branca.element.Element
    if getattr(element.__init__, "verbatim", False):
        return
    original = element.__init__

    def __init__(self: Any, template: str | None = None, template_name: str | None = None) -> None:
        original(self, template_name=template_name)
        if template is not None:
            self._template_str = template
            self._template = _Verbatim(template)

    __init__.verbatim = True  # type: ignore[attr-defined]
    element.__init__ = __init__


harden()


@dataclass(frozen=True)
class Assets:
    """Where scripts and styles come from: links under `prefix`, or the files themselves (inline).

    served: by this site, over http. A page opened from disk, linked or inline, takes the builds that need
    no address of a worker.
    """

    root: Path = STATIC
    prefix: str = "/static/"
    inline: bool = False
    served: bool = True

    @property
    def alone(self) -> bool:
        """Whether the page is opened from disk."""
        return self.inline or not self.served

    def name_of(self, name: str) -> str:
        """The entry of the vendor table that serves a name here. Raises UnknownAsset."""
        chosen = INLINE_INSTEAD.get(name, name) if self.alone else name
        if chosen not in VENDOR:
            raise UnknownAsset(name)
        return chosen

    def path(self, name: str) -> Path:
        """The file of an asset. Raises UnknownAsset or MissingAsset."""
        entry = VENDOR[self.name_of(name)]
        path = self.root / entry
        if not path.is_file():
            raise MissingAsset(f"{entry} is not installed; run ./yudi up")
        return path

    def url(self, name: str) -> str:
        """The address of an asset on this server, with a digest so that browsers may keep it."""
        digest = _digest(self.path(name))
        address = f"{self.prefix}{VENDOR[self.name_of(name)]}"
        return f"{address}?v={digest}" if self.served else address

    def script(self, name: str, nonce: str) -> Markup:
        """One script element, linked or inlined."""
        if not self.inline:
            # Low: scripts wait for what the page is painted with, where the line is slow.
            return Markup('<script src="{}" nonce="{}" fetchpriority="low"></script>\n').format(
                self.url(name), nonce
            )
        # Inside a script element only its end tag and the comment opener are special.
        text = self.path(name).read_text(encoding="utf-8")
        text = re.sub(r"</(script)", r"<\\/\1", text, flags=re.IGNORECASE).replace("<!--", "<\\!--")
        text = re.sub(r"^//# sourceMappingURL=.*$", "", text, flags=re.MULTILINE)
        return Markup('<script nonce="{}">').format(nonce) + Markup(text) + Markup("</script>\n")

    def style(self, name: str, nonce: str) -> Markup:
        """One style sheet, linked or inlined with its pictures as data URIs."""
        if not self.inline:
            return Markup('<link rel="stylesheet" href="{}" nonce="{}">\n').format(self.url(name), nonce)
        path = self.path(name)
        text = re.sub(r"url\(([^)]*)\)", lambda m: _data_uri(m, path.parent), path.read_text("utf-8"))
        text = text.replace("</style", "<\\/style")
        return Markup('<style nonce="{}">').format(nonce) + Markup(text) + Markup("</style>\n")


@cache
def digest_of(path: Path, size: int, changed: int) -> str:
    """The mark that an asset's address carries. size, changed: of the file, so that a changed one is read anew."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def _digest(path: Path) -> str:
    stat = path.stat()
    return digest_of(path, stat.st_size, stat.st_mtime_ns)


def _data_uri(match: re.Match[str], folder: Path) -> str:
    target = match[1].strip("'\" ")
    if target.startswith(("data:", "#")):
        return match[0]
    path = (folder / target).resolve()
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return f"url(data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()})"


def json_block(name: str, data: Any, kind: str = "application/json") -> Markup:
    """Data as a JSON script block of a kind. `<` is written as an escape, so no name can end the block."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    text = text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    return Markup('<script type="{}" id="{}">').format(kind, name) + Markup(text) + Markup("</script>\n")


class OfflineFigure(branca.element.Figure):
    """Figure of one page: renders its children, then gives out style links, map element and scripts apart,
    so that they can stand in a page of their own or inside a page of the site."""

    def __init__(self, assets: Assets) -> None:
        super().__init__()
        self.assets = assets
        self.header._children.clear()

    def pieces(self, nonce: str) -> tuple[Markup, Markup, Markup]:
        """(style sheets, map element, scripts), each asset looked up in the vendor table by its name."""
        for child in self._children.values():
            child.render()
        styles, scripts = Markup(), Markup()
        for name, element in self.header._children.items():
            if isinstance(element, branca.element.CssLink):
                styles += self.assets.style(name, nonce)
            elif isinstance(element, branca.element.JavascriptLink):
                scripts += self.assets.script(name, nonce)
            else:
                raise UnknownAsset(name)
        html = Markup(self.html.render())
        inline = (
            Markup('<script nonce="{}">').format(nonce) + Markup(self.script.render()) + Markup("</script>\n")
        )
        return styles, html, scripts + inline


class OfflineMap(folium.Map):
    """Map with Leaflet alone: no tiles, no Bootstrap, jQuery or icon fonts, no inline style."""

    default_js: ClassVar[list[tuple[str, str]]] = [
        ("leaflet", ""),
        ("maplibre", ""),
        ("maplibre_leaflet", ""),
    ]
    default_css: ClassVar[list[tuple[str, str]]] = [
        ("leaflet_css", ""),
        ("yudi_tokens_css", ""),
        ("yudi_map_css", ""),
    ]

    _template = Template(
        """
        {% macro html(this, kwargs) %}<div class="map" id={{ this.get_name()|tojson }}></div>{% endmacro %}
        {% macro script(this, kwargs) %}
        var {{ this.get_name() }} = L.map({{ this.get_name()|tojson }}, {{ this.leaflet_options|tojson }});
        {% endmacro %}
        """
    )

    def __init__(
        self,
        center: tuple[float, float],
        zoom: float,
        *scripts: str,
        engine: bool = True,
    ) -> None:
        """center: latitude, longitude. scripts: names of the map's own scripts in the vendor table. engine: whether MapLibre
        stands before them."""
        super().__init__(location=center, tiles=None)
        shared = [pair for pair in type(self).default_js if engine or not pair[0].startswith("maplibre")]
        own = ("yudi_map", "yudi_labels", *scripts)
        self.default_js = [*shared, *((name, "") for name in own)]
        self.leaflet_options = {
            "center": list(center),
            "zoom": zoom,
            "minZoom": 7,
            "maxZoom": 19,
            "zoomSnap": 0.25,
            "zoomDelta": 1,
            "wheelPxPerZoomLevel": 90,
            "zoomControl": False,
            "attributionControl": False,
            "preferCanvas": True,
        }


class LabelLayer(JSCSSMixin, Layer):
    """Names drawn by MapLibre inside Leaflet: collisions solved, every glyph drawn from the machine's own
    fonts. Where the browser has no WebGL2 an empty group takes its place and js/map-labels.js draws."""

    default_js: ClassVar[list[tuple[str, str]]] = []
    default_css: ClassVar[list[tuple[str, str]]] = []

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        var {{ this.get_name() }} = Yudi.gl({{ this.worker|tojson }}) ? L.maplibreGL({
            style: {{ this.style|tojson }}, pane: "labels", interactive: false,
            attributionControl: false, fadeDuration: 0
        }) : L.layerGroup([]);
        {% endmacro %}
        """
    )

    def __init__(self, style: Mapping[str, Any], worker: str | None) -> None:
        super().__init__(name="labels", overlay=True, control=False)
        self._name = "LabelLayer"
        self.style = style
        self.worker = worker


class _Start(branca.element.MacroElement):
    """The one call that hands the map over to its own script."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        Yudi.begin({{ this.function|tojson }}, {{ this.map.get_name() }}, {{ this.labels.get_name() }});
        {% endmacro %}
        """
    )

    def __init__(self, function: str, on: OfflineMap, labels: Layer) -> None:
        super().__init__()
        self._name = "Start"
        self.function = function
        self.map = on
        self.labels = labels


@dataclass(frozen=True)
class MapParts:
    """A map as pieces of HTML: style sheets for the head, the stage for the body, scripts for its end."""

    head: Markup
    body: Markup
    scripts: Markup
    title: str
    language: str
    nonce: str

    def document(self) -> str:
        """The pieces as a page of their own. Its policy lets no request leave, whatever the data hold."""
        policy = (
            f"default-src 'none'; script-src 'nonce-{self.nonce}'; style-src 'nonce-{self.nonce}'; "
            "img-src data: blob:; font-src data:; worker-src blob:; connect-src data: blob:; "
            "base-uri 'none'; form-action 'none'"
        )
        return Markup(
            '<!DOCTYPE html>\n<html lang="{}">\n<head>\n<meta charset="utf-8">\n'
            '<meta http-equiv="Content-Security-Policy" content="{}">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            '<title>{}</title>\n{}</head>\n<body class="map-page">\n{}{}</body>\n</html>\n'
        ).format(
            "en" if self.language == "en" else "zh-CN", policy, self.title, self.head, self.body, self.scripts
        )


@dataclass(frozen=True)
class Drawing:
    """What one build() hands to `assemble`: constants for Folium, data for the JSON block, panels.

    rest: the address that the page's script fetches the data from before it begins, so that the page itself stays small
    and is read before the map is there; the block then holds `data` beside it. layer: makes the layer of the names from
    style and assets, where it is another than LabelLayer. engine: whether MapLibre is loaded with the page's scripts.
    later: scripts between the shared ones and the map's own.
    """

    title: str
    script: str
    function: str
    bounds: tuple[float, float, float, float]
    data: Mapping[str, Any]
    style: Mapping[str, Any]
    panels: Callable[[Markup], Markup]
    language: str = "zh"
    styles: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()
    layer: Callable[[Mapping[str, Any], Assets], Any] | None = None
    engine: bool = True
    later: tuple[str, ...] = ()
    rest: str | None = None


def _labels(style: Mapping[str, Any], assets: Assets) -> LabelLayer:
    return LabelLayer(style, None if assets.alone else assets.url("maplibre_worker"))


#: Asks for what a page leaves out as soon as it is painted, while the map's engine is on its way; js/map.js takes it. Of a
#: list in pages it asks for the first one, of the whole that the map shows at first, unless the address has a view.
AHEAD = (
    '(()=>{const p=JSON.parse(document.getElementById("map-data").textContent),'
    'ask=u=>{const c=fetch(u,{credentials:"omit"});c.catch(()=>{});return c};'
    "window.yudiComing={rest:ask(p.rest),source:p.source&&!(p.tiled&&location.hash)?"
    'ask(p.source+(p.tiled?"&limit=100&bbox="+p.bounds:"")):null}})();'
)


def assemble(drawing: Drawing, assets: Assets, nonce: str) -> MapParts:
    """Render a drawing. Only constants pass through Folium; names are in the JSON block and in escaped
    panels. bounds: west, south, east, north in degrees."""
    west, south, east, north = drawing.bounds
    figure = OfflineFigure(assets)
    page_map = OfflineMap(
        ((south + north) / 2, (west + east) / 2), 10, *drawing.later, drawing.script, engine=drawing.engine
    )
    page_map.default_css = [*OfflineMap.default_css, *((name, "") for name in drawing.styles)]
    page_map.default_js = [*((name, "") for name in drawing.scripts), *page_map.default_js]
    page_map.add_to(figure)
    labels = (drawing.layer or _labels)(drawing.style, assets)
    labels.add_to(page_map)
    _Start(drawing.function, page_map, labels).add_to(page_map)
    styles, element, scripts = figure.pieces(nonce)
    data = {**drawing.data, "bounds": list(drawing.bounds), "language": drawing.language}
    if drawing.rest is not None:
        said = {key: word(key, drawing.language) for key in ("map_failed", "again")}
        data |= {"rest": drawing.rest, "words": said}
        scripts = (
            Markup('<script nonce="{}">').format(nonce) + Markup(AHEAD) + Markup("</script>\n") + scripts
        )
    body = drawing.panels(element)
    # A page opened from disk asks nobody for anything.
    if (under := None if assets.alone else basemap()) is not None:
        data["basemap"] = {"layers": list(under.layers), "datum": under.datum, "last": LAST_ZOOM}
        credit = Markup('<span class="foot-base">{}</span></footer>').format(under.credit(drawing.language))
        body = Markup(body.replace(Markup("</footer>"), credit, 1))
    body += json_block("map-data", data)
    return MapParts(styles, body, scripts, drawing.title, drawing.language, nonce)
