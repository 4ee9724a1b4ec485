"""The day is Beijing's everywhere: a machine whose zone is another would be a day behind until eight in the morning."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from geo.settings import ROOT

#: What asks the machine's zone.
LOCAL = re.compile(r"\bdate\.today\(|\bdatetime\.today\(|\bdatetime\.now\(\)|\butcnow\(|\.localtime\(")
SOURCES = [p for room in ("geo", "maps", "api") for p in sorted((ROOT / room).rglob("*.py"))]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_asks_for_the_day_of_the_machine(path):
    assert not LOCAL.findall(path.read_text(encoding="utf-8"))


def test_the_date_of_pages_is_beijings_in_any_zone():
    code = "from geo import days, settings; assert settings.as_of() == days.today() == __import__('datetime').datetime.now(days.SHANGHAI).date()"
    for zone in ("UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"):
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, env={"TZ": zone, "PATH": ""}, check=True)
