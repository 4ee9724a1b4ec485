"""Offline Folium: assets by name, text kept as text, one file that asks nothing of the network."""

from __future__ import annotations

from pathlib import Path

import branca.element
import pytest

from maps.page import Assets, MissingAsset, OfflineFigure, OfflineMap, UnknownAsset, json_block

RCE = "{{ cycler.__init__.__globals__.os.popen(dict(id=1)|first).read() }}"


@pytest.fixture()
def assets(tmp_path: Path) -> Assets:
    (tmp_path / "vendor" / "leaflet" / "images").mkdir(parents=True)
    (tmp_path / "vendor" / "leaflet" / "leaflet.js").write_text(
        "var a='</script><!--';\n//# sourceMappingURL=x.map\n"
    )
    (tmp_path / "vendor" / "leaflet" / "leaflet.css").write_text(".x{background:url(images/a.png)} </style>")
    (tmp_path / "vendor" / "leaflet" / "images" / "a.png").write_bytes(b"\x89PNG")
    return Assets(root=tmp_path)


def test_an_element_keeps_its_text() -> None:
    for text in (RCE, "{% x", "{# y #}", "镇"):
        assert branca.element.Element(text).render() == text


def test_an_unknown_asset_raises(assets: Assets) -> None:
    with pytest.raises(UnknownAsset):
        assets.url("bootstrap")


def test_a_missing_file_says_what_to_do(assets: Assets) -> None:
    with pytest.raises(MissingAsset, match=r"\./yudi up"):
        assets.url("maplibre")


def test_a_link_carries_nonce_and_digest(assets: Assets) -> None:
    link = str(assets.script("leaflet", "n0nce"))
    assert link.startswith('<script src="/static/vendor/leaflet/leaflet.js?v=')
    assert 'nonce="n0nce"' in link


def test_inlined_files_cannot_end_their_element(assets: Assets) -> None:
    inline = Assets(root=assets.root, inline=True)
    script = str(inline.script("leaflet", "n"))
    assert script.count("</script") == 1
    assert "<!--" not in script and "sourceMappingURL" not in script
    style = str(inline.style("leaflet_css", "n"))
    assert style.count("</style") == 1
    assert "url(data:image/png;base64," in style


def test_a_foreign_child_of_the_figure_is_refused() -> None:
    figure = OfflineFigure(Assets())
    figure.header.add_child(branca.element.Element("<script src='https://x'></script>"), name="foreign")
    with pytest.raises(UnknownAsset):
        figure.pieces("n")


def test_one_map_does_not_change_the_next() -> None:
    before = list(OfflineMap.default_js)
    one = OfflineMap((29.8, 106.7), 10, "yudi_boundary_map")
    assert one.default_js[-1][0] == "yudi_boundary_map"
    assert OfflineMap.default_js == before


@pytest.mark.parametrize("name", ["</script>", "<!--<script>", "\u2028", '"', RCE])
def test_no_name_ends_the_json_block(name: str) -> None:
    block = str(json_block("d", {"name": name}))
    assert block.count("</script") == 1
    assert "<!--" not in block and "\u2028" not in block
