"""Cursors: every key comes back, and nothing that was not ours gets in."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.paging import LONGEST, BadCursor, decode, encode, page

KEYS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)
NUMBERS = st.integers(-(2**63), 2**63 - 1)


@given(KEYS)
def test_texts_come_back(key: str) -> None:
    assert decode(encode(key), str, "") == key


@given(NUMBERS)
def test_numbers_come_back(key: int) -> None:
    assert decode(encode(key), int, 0) == key


def test_no_cursor_is_the_beginning() -> None:
    assert decode(None, str, "") == "" and decode(None, int, 7) == 7


@given(st.text(max_size=LONGEST), st.sampled_from([str, int]))
@settings(max_examples=300)
def test_anything_else_is_refused_in_one_way(given_text: str, kind: type) -> None:
    """Whatever is sent: a key of the right kind, or BadCursor; never another error."""
    try:
        key = decode(given_text, kind, kind())
    except BadCursor:
        return
    assert type(key) is kind
    if isinstance(key, str):
        key.encode()
        assert "\0" not in key


@pytest.mark.parametrize(
    "raw",
    ["null", "true", "1.5", "[1]", '{"a":1}', '"\\u0000"', '"\\ud800"', "9" * 30, "[" * 900, "NaN", '"a', ""],
)
def test_other_json_is_refused(raw: str) -> None:
    import base64

    cursor = base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")
    for kind in (str, int):
        with pytest.raises(BadCursor):
            decode(cursor, kind, kind())


@given(st.lists(KEYS, unique=True, max_size=30), st.integers(1, 7))
def test_pages_put_together_are_the_list(keys: list[str], limit: int) -> None:
    """Walking by cursor sees every row once, in order, and ends."""
    rows = sorted(keys)
    seen: list[str] = []
    cursor = None
    while True:
        after = decode(cursor, str, "")
        rest = [key for key in rows if key > after or (cursor is None and key == "")]
        answer = page(rest[: limit + 1], limit, lambda key: key)
        assert len(answer["items"]) <= limit
        seen += answer["items"]
        cursor = answer["next"]
        if cursor is None:
            break
    assert seen == rows
