"""docs/deployment.md names every setting that the code reads, with the default that the code has."""

from __future__ import annotations

import re
from dataclasses import fields

from geo.settings import ROOT, Limits, MaterialLimits

DOCS = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
SOURCES = [ROOT / "yudi", *(p for room in ("geo", "maps", "api") for p in (ROOT / room).rglob("*.py"))]


def read_by_the_code() -> set[str]:
    text = "\n".join(p.read_text(encoding="utf-8") for p in SOURCES)
    return set(re.findall(r"\bYUDI_[A-Z_]*[A-Z]\b", text)) - {"YUDI_LIMIT", "YUDI_MATERIAL"}


def test_every_setting_is_in_the_documentation() -> None:
    documented = set(re.findall(r"^\| `(YUDI_[A-Z_]+)`", DOCS, re.M))
    assert read_by_the_code() <= documented, read_by_the_code() - documented


#: Settings made from the fields of a class: prefix and class.
MADE = {"YUDI_LIMIT_": Limits, "YUDI_MATERIAL_": MaterialLimits}


def test_no_setting_is_documented_that_nothing_reads() -> None:
    documented = set(re.findall(r"^\| `(YUDI_[A-Z_]+)`", DOCS, re.M))
    made = {prefix + field.name.upper() for prefix, of in MADE.items() for field in fields(of)}
    assert documented <= read_by_the_code() | made
    assert made <= documented


def test_the_limits_have_the_defaults_that_are_documented() -> None:
    for prefix, of in MADE.items():
        default = of()
        for field in fields(of):
            row = re.search(rf"^\| `{prefix}{field.name.upper()}` \| (\d+) \|", DOCS, re.M)
            assert row is not None, field.name
            assert int(row.group(1)) == getattr(default, field.name), field.name
