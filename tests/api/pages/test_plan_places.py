"""A plan's names with their places, as people write and paste them."""

from __future__ import annotations

import pytest

from api.pages.plan_places import BadPlace, named_lines
from tests.hostile import HOSTILE

PASTED = "名称\t经度\t纬度\n云溪一路\t106.62\t29.71\n云溪二路\t106.63\t29.72\n"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("云溪一路\n\n 云溪二路 ", [("云溪一路", None), ("云溪二路", None)]),
        (PASTED, [("云溪一路", "POINT (106.62 29.71)"), ("云溪二路", "POINT (106.63 29.72)")]),
        ("云溪一路 106.62, 29.71", [("云溪一路", "POINT (106.62 29.71)")]),
        ("云溪一路，106.62，29.71；106.63，29.72", [("云溪一路", "LINESTRING (106.62 29.71, 106.63 29.72)")]),
        ("1号路\n滨江路2 106.6 29.7", [("1号路", None), ("滨江路2", "POINT (106.6 29.7)")]),
        ("名称", [("名称", None)]),
    ],
)
def test_a_line_is_a_name_and_where_it_lies(text: str, found: list[tuple[str, str | None]]) -> None:
    assert [(n, None if g is None else g.wkt) for n, g in named_lines(text)] == found


def test_names_of_any_kind_stay_what_they_are() -> None:
    one_line = [n for n in HOSTILE if "\n" not in n]
    assert [n for n, _ in named_lines("\n".join(one_line))] == [n.strip() for n in one_line]


def test_what_lies_nowhere_is_said_with_its_name() -> None:
    with pytest.raises(BadPlace, match="云溪一路"):
        named_lines("云溪一路 906.62, 29.71")
