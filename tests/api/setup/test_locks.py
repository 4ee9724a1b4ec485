"""The locks of the Python packages: hashed, without an address, one for each Python that is supported."""

from __future__ import annotations

import re

import pytest

from geo.settings import ROOT

LOCKS = ("py311.txt", "py312.txt", "py313.txt", "uv.txt")


@pytest.mark.parametrize("name", LOCKS)
def test_every_requirement_is_exact_and_hashed_and_none_has_an_address(name: str) -> None:
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"^\s*(-i|--index-url|--extra-index-url|--find-links|--trusted-host)\b", text, re.M)
    entries = re.split(r"\n(?=[A-Za-z0-9])", "\n" + re.sub(r"^#.*\n", "", text, flags=re.M).lstrip())
    requirements = [e for e in entries if e.strip()]
    assert requirements
    for entry in requirements:
        assert re.match(r"[A-Za-z0-9._-]+(\[[a-z,_-]+\])?==\S+", entry), entry[:80]
        assert "--hash=sha256:" in entry, entry[:80]


def test_every_direct_requirement_is_in_every_lock() -> None:
    wanted = {
        re.split(r"[\[;=<> ]", line.strip())[0].lower().replace("_", "-")
        for name in ("run.in", "test.in")
        for line in (ROOT / "requirements" / name).read_text(encoding="utf-8").splitlines()
        if line.strip() and not line.startswith(("-r", "#"))
    }
    for name in LOCKS[:3]:
        text = (ROOT / "requirements" / name).read_text(encoding="utf-8").lower()
        locked = {
            m.group(1).replace("_", "-") for m in re.finditer(r"^([a-z0-9._-]+)(?:\[[^]]*\])?==", text, re.M)
        }
        assert wanted <= locked, (name, wanted - locked)
