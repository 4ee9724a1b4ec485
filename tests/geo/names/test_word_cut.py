"""Whether a list's word stands in a name, or arose where two words meet."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.names.word_cut import Standing, standing

WORD, UNSURE, ACCIDENT = Standing.WORD, Standing.UNSURE, Standing.ACCIDENT
CASES = [
    ("渝北汽车", "北汽", ACCIDENT), ("江北汽车", "北汽", ACCIDENT), ("渝北汽博", "北汽", ACCIDENT),
    ("城北汽车客运", "北汽", ACCIDENT), ("和美团结", "美团", ACCIDENT), ("永泰国际", "泰国", ACCIDENT),
    ("华美国际", "美国", ACCIDENT), ("精英国际", "英国", ACCIDENT), ("罗汉堡", "汉堡", ACCIDENT),
    ("犀牛津", "牛津", ACCIDENT), ("深情人民", "情人", ACCIDENT), ("老公园", "老公", ACCIDENT),
    ("五福临门", "福临门", ACCIDENT), ("鸦雀巢", "雀巢", UNSURE), ("金龙鱼塘", "金龙鱼", UNSURE),
    ("双喜茶山", "喜茶", UNSURE), ("大湾上汽修", "上汽", UNSURE), ("恒大名都", "恒大", WORD),
    ("渝北万达", "万达", WORD), ("万达江南", "万达", WORD), ("重庆恒大", "恒大", WORD), ("华为科技", "华为", WORD),
    ("泰国风情", "泰国", WORD), ("巴黎春天", "巴黎", WORD), ("渝北奔驰", "奔驰", WORD), ("屎家", "屎", WORD),
    ("北汽", "北汽", WORD),
]  # fmt: skip


@pytest.mark.parametrize(("text", "word", "expected"), CASES)
def test_how_a_word_stands(text: str, word: str, expected: Standing) -> None:
    start = text.index(word)
    assert standing(text, start, start + len(word)) is expected


@given(st.text(alphabet="渝北汽车美国际泰华𠮷 a１", min_size=1, max_size=60), st.data())
def test_any_text_gets_an_answer(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    assert standing(text, start, end) in Standing
