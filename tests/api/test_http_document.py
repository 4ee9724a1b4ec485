"""docs/http.md says what the code does: every route, every setting with its default, every scope."""

from __future__ import annotations

import inspect
import re

import pytest

from api.security import settings
from api.security.access import SCOPES
from api.security.permissions import as_table
from api.security.settings import DoorSettings
from geo.settings import ROOT

DOCUMENT = (ROOT / "docs" / "http.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"YUDI_[A-Z_]+[A-Z]", inspect.getsource(settings))))


def test_the_table_of_routes_is_the_codes() -> None:
    assert as_table() in DOCUMENT, "write the table anew: api.security.permissions.as_table()"


def test_every_scope_is_named() -> None:
    assert all(f"`{scope}`" in DOCUMENT for scope in SCOPES)


@pytest.mark.parametrize("name", NAMED)
def test_every_setting_is_documented(name: str) -> None:
    assert f"| `{name}` |" in DOCUMENT


def test_defaults_are_those_of_the_code() -> None:
    default = DoorSettings()
    expected = {
        "YUDI_SESSION_IDLE_MINUTES": default.idle.total_seconds() / 60, "YUDI_SESSION_HOURS": default.absolute.total_seconds() / 3600,
        "YUDI_TOKEN_DAYS": default.token_life.days, "YUDI_LOCK_AFTER": default.lock_after, "YUDI_LOCK_MINUTES": default.lock_for.total_seconds() / 60,
        "YUDI_LOGIN_PER_MINUTE": default.login_per_minute, "YUDI_UPLOAD_PER_MINUTE": default.upload_per_minute,
        "YUDI_CHECK_BURST": default.check_burst, "YUDI_CHECK_PER_MINUTE": default.check_per_minute,
        "YUDI_LIMIT_UPLOAD_BYTES": default.upload_bytes, "YUDI_REGISTER_PER_MINUTE": default.register_per_minute,
    }  # fmt: skip
    written = dict(re.findall(r"\| `(YUDI_\w+)` \| (\d+) \|", DOCUMENT))
    assert {name: float(value) for name, value in written.items()} == expected


def test_settings_are_read(monkeypatch) -> None:
    given = {
        "YUDI_PUBLIC_URL": "https://yudi.example", "YUDI_SESSION_IDLE_MINUTES": "5", "YUDI_SESSION_HOURS": "1", "YUDI_TOKEN_DAYS": "2",
        "YUDI_LOCK_AFTER": "3", "YUDI_LOCK_MINUTES": "4", "YUDI_LOGIN_PER_MINUTE": "6", "YUDI_UPLOAD_PER_MINUTE": "7", "YUDI_LIMIT_UPLOAD_BYTES": "8",
        "YUDI_CHECK_BURST": "9", "YUDI_CHECK_PER_MINUTE": "10.5", "YUDI_REGISTRATION": "off", "YUDI_REGISTER_PER_MINUTE": "3", "YUDI_HOST": "0.0.0.0", "YUDI_MAP_APPROVAL": "试字第 1 号",
    }  # fmt: skip
    assert set(given) == {name for name in NAMED}
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    made = DoorSettings.from_environment()
    assert made.https and made.hosts is not None and "yudi.example" in made.hosts
    assert (made.idle.total_seconds(), made.absolute.total_seconds(), made.token_life.days) == (300, 3600, 2)
    assert (made.lock_after, made.lock_for.total_seconds()) == (3, 240)
    assert (made.login_per_minute, made.upload_per_minute, made.upload_bytes) == (6, 7, 8)
    assert (made.host, made.map_approval, made.maps_fenced) == ("0.0.0.0", "试字第 1 号", False)
    assert (made.registration, made.register_per_minute) == (False, 3)
    assert (made.check_burst, made.check_per_minute) == (9, 10.5)
