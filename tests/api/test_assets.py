"""Files of the site over HTTP: packed once, plain for those who cannot unpack, asked for again where ours."""

from __future__ import annotations

from typing import Any

import pytest

from api import assets
from api.app import STATIC

SCRIPT = "js/map.js"


def test_a_script_is_packed_once(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assets.packed.cache_clear()
    plain = client.get(f"/static/{SCRIPT}", headers={"Accept-Encoding": "identity"})
    assert plain.content == (STATIC / SCRIPT).read_bytes() and "content-encoding" not in plain.headers
    first = client.get(f"/static/{SCRIPT}", headers={"Accept-Encoding": "gzip"})
    assert first.headers["content-encoding"] == "gzip" and first.content == plain.content
    assert int(first.headers["content-length"]) < len(plain.content) / 2
    assert first.headers["content-type"] == plain.headers["content-type"]
    assert "Accept-Encoding" in first.headers["vary"] and first.headers["cache-control"] == "no-cache"
    assert client.get(f"/static/{SCRIPT}", headers={"Accept-Encoding": "gzip"}).content == plain.content
    found = assets.packed.cache_info()
    assert (found.misses, found.hits) == (1, 1)


def test_what_is_known_is_not_sent_again(client: Any) -> None:
    first = client.get(f"/static/{SCRIPT}", headers={"Accept-Encoding": "gzip"})
    again = client.get(f"/static/{SCRIPT}", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304 and not again.content


def test_a_part_and_a_head_are_of_the_file_itself(client: Any) -> None:
    size = (STATIC / SCRIPT).stat().st_size
    part = client.get(f"/static/{SCRIPT}", headers={"Range": "bytes=0-9", "Accept-Encoding": "gzip"})
    assert part.status_code == 206 and part.content == (STATIC / SCRIPT).read_bytes()[:10]
    head = client.head(f"/static/{SCRIPT}", headers={"Accept-Encoding": "identity"})
    assert int(head.headers["content-length"]) == size


def test_a_changed_file_is_packed_anew(tmp_path: Any) -> None:
    path = tmp_path / "a.js"
    path.write_bytes(b"1" * 2000)
    first = assets.packed(str(path), 1, 2000)
    path.write_bytes(b"2" * 2000)
    assert assets.packed(str(path), 2, 2000) != first


def test_an_address_with_the_mark_of_what_it_holds_is_kept(client: Any) -> None:
    from api.pages.rendering import static
    from maps.page import Assets

    for address in (static("css/site.css"), Assets().url("yudi_map")):
        assert "immutable" in client.get(address).headers["cache-control"], address
        # Another version's mark: the bytes of now must not be kept under it.
        assert (
            client.get(address.partition("?")[0] + "?v=abcdef012345").headers["cache-control"] == "no-cache"
        )
    assert (
        client.get(static("css/site.css"), headers={"Accept-Encoding": "identity"})
        .headers["cache-control"]
        .endswith("immutable")
    )
