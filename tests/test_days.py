"""The day is Beijing's everywhere: a machine whose zone is another would be a day behind until eight in the morning."""

from __future__ import annotations

import re
import subprocess
import sys

from geo.settings import ROOT

#: What asks the machine's zone.
LOCAL = re.compile(r"\bdate\.today\(|\bdatetime\.today\(|\bdatetime\.now\(\)|\butcnow\(|\.localtime\(")


def test_nothing_asks_for_the_day_of_the_machine():
    sources = [path for room in ("geo", "maps", "api") for path in (ROOT / room).rglob("*.py")]
    found = [
        f"{path.relative_to(ROOT)}: {asked}"
        for path in sources
        for asked in LOCAL.findall(path.read_text(encoding="utf-8"))
    ]
    assert len(sources) > 500 and not found


def test_the_date_of_pages_is_beijings_in_any_zone():
    code = "from geo import days, settings; assert settings.as_of() == days.today() == __import__('datetime').datetime.now(days.SHANGHAI).date()"
    for zone in ("UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"):
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, env={"TZ": zone, "PATH": ""}, check=True)
