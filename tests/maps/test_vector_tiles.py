"""Vector tiles in a Folium map: constants only, own assets, a style of what the tiles hold."""

from __future__ import annotations

import json
import re
from datetime import date

import pytest

from maps.page import Assets, OfflineFigure, OfflineMap
from maps.tiles.layers import LAYERS
from maps.tiles.style import SYMBOLS, style
from maps.vector_tiles import VectorTiles


def test_a_map_with_tiles_asks_for_own_files_alone() -> None:
    figure = OfflineFigure(Assets())
    page_map = OfflineMap((29.8, 106.7), 10, "yudi_boundary_map")
    page_map.add_to(figure)
    VectorTiles(("townships", "villages"), at=date(2024, 12, 31), worker="/static/w.js").add_to(page_map)
    try:
        _, _, scripts = figure.pieces("n0nce")
    except FileNotFoundError:
        pytest.skip("front-end assets are not installed")
    said = str(scripts)
    assert "Yudi.vectorTiles(" in said and "js/map-tiles.js" in said
    assert "/tiles/villages/{z}/{x}/{y}.mvt?at=2024-12-31" in said
    assert not re.search(r"https?://", said)


def test_the_class_keeps_its_list_of_scripts() -> None:
    first = VectorTiles()
    assert VectorTiles.default_js == [("yudi_tiles", "")] and first.default_js == [("yudi_tiles", "")]


@pytest.mark.parametrize("layer", LAYERS)
def test_every_layer_has_a_style_over_its_own_parts_and_fields(layer: str) -> None:
    made = style([layer])
    json.dumps(made)
    assert made["sources"].keys() == {layer} and made["layers"]
    common = {"name", "label", "rank", "kind", "demo"}
    for drawn in made["layers"]:
        assert drawn["source"] == layer
        fields = LAYERS[layer].parts[drawn["source-layer"]]
        used = set(re.findall(r'"(?:get|has)", "(\w+)"', json.dumps(drawn)))
        assert used <= common | set(fields), drawn["id"]
        image = drawn.get("layout", {}).get("icon-image")
        assert image is None or image in SYMBOLS
    assert len({drawn["id"] for drawn in made["layers"]}) == len(made["layers"])


def test_township_names_are_placed_first() -> None:
    ids = [layer["id"] for layer in style(["villages", "townships", "place_names"])["layers"]]
    assert ids[-1] == "townships-label" and ids[0] == "townships-fill"
    assert ids.index("villages-famous") > ids.index("villages-village") > ids.index("villages-hamlet")


def test_an_unknown_layer_is_an_error_of_ours() -> None:
    with pytest.raises(KeyError):
        style(["drafts"])
