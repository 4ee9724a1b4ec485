"""Vector tiles in a Folium map: one layer, drawn by MapLibre inside Leaflet. Names never pass through Folium."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, ClassVar

from folium.elements import JSCSSMixin
from folium.map import Layer
from folium.template import Template

from maps.tiles.style import SYMBOLS, style


class VectorTiles(JSCSSMixin, Layer):
    """Tile layers (maps.tiles.layers: fields name, label, rank, status, kind, …) as one Leaflet layer.

    layers: names of tile layers, at: the date that they show; styled: a style of one's own in place of
    maps.tiles.style.style(). worker: address of MapLibre's worker (Assets.url("maplibre_worker")), needed where
    the page is served. A page from disk has no tiles: there the names come as data (maps.page.LabelLayer).

    In the page's script: `Yudi.tileFeature(map, layer, event)` gives the feature at a Leaflet click (id,
    properties, source), to be shown by textContent; the page of a name is /names/{id}.
    Where the browser has no WebGL2 an empty group takes the layer's place: the list twin remains.
    """

    default_js: ClassVar[list[tuple[str, str]]] = [("yudi_tiles", "")]
    default_css: ClassVar[list[tuple[str, str]]] = []

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        var {{ this.get_name() }} = Yudi.gl({{ this.worker|tojson }}) ? Yudi.vectorTiles(
            {{ this.style|tojson }}, {{ this.symbols|tojson }}
        ) : L.layerGroup([]);
        {% endmacro %}
        """
    )

    def __init__(
        self,
        layers: Iterable[str] = ("townships", "villages"),
        *,
        at: date | None = None,
        worker: str | None = None,
        styled: Mapping[str, Any] | None = None,
        name: str = "tiles",
        control: bool = False,
    ) -> None:
        """name: of the layer in a layer control, a constant of ours, never a user's text."""
        super().__init__(name=name, overlay=True, control=control)
        self._name = "VectorTiles"
        self.worker = worker
        self.style = dict(styled) if styled is not None else style(layers, at=at)
        self.symbols = {key: list(value) for key, value in SYMBOLS.items()}


class LateTiles(JSCSSMixin, Layer):
    """VectorTiles whose engine is loaded when the page's own script asks for it, so that map and list can be used
    before: `layer.start(style, symbols)` fetches MapLibre and answers its map, or null where the browser has no WebGL2.

    worker, engine: addresses of MapLibre's worker, of MapLibre and of its bridge to Leaflet.
    """

    default_js: ClassVar[list[tuple[str, str]]] = [("yudi_tiles", "")]
    default_css: ClassVar[list[tuple[str, str]]] = []

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        var {{ this.get_name() }} = Yudi.lateTiles({{ this.worker|tojson }}, {{ this.engine|tojson }});
        {% endmacro %}
        """
    )

    def __init__(self, worker: str, engine: list[str]) -> None:
        super().__init__(name="tiles", overlay=True, control=False)
        self._name = "LateTiles"
        self.worker = worker
        self.engine = engine
