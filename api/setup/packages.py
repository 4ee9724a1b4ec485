"""System packages: what is missing, and how it is got.

PostgreSQL with PostGIS is needed by every command that has to do with the database. Chinese fonts are for
printing and for the browser tests, Chromium for the browser tests: both are asked for once and done without
where they cannot be had.
"""

from __future__ import annotations

import platform
import shutil
from collections.abc import Callable
from pathlib import Path

from api.setup import apt, unpacked
from api.setup.binaries import UNPACKED, NoPostgres, binaries
from api.setup.say import say
from geo.settings import ROOT
from geo.text import Text

FONTS = "fonts-noto-cjk"
UNPACKED_FONTS = ROOT / "var" / "fonts"
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")
CHINESE_FONTS = ("*CJK*", "*Noto*SC*", "*SourceHan*", "wqy*", "*WenQuanYi*", "*FandolHei*", "*simsun*")
#: Chromium without a window is Debian's chromium-headless-shell: the same engine with less around it, so it starts in a
#: third of the time and draws a page with two thirds of the work.
SHELL = "chromium-headless-shell"
BROWSERS = (SHELL, "chromium", "google-chrome", "google-chrome-stable")


def provide_postgres() -> None:
    """See that PostgreSQL with PostGIS is there: the machine's own, else installed by apt, else unpacked into
    var/ without root. Raises NoPostgres, NoRoom."""
    if binaries() is not None:
        return
    if apt.may_install():
        by_apt()
    if binaries() is None and not unpacked.provide(UNPACKED):
        raise NoPostgres()


def by_apt() -> None:
    """PostgreSQL with PostGIS by apt; of the version whose server is here already where there is one."""
    names = unpacked.wanted(apt.known("postgresql-"), present_servers())
    if not names and apt.update():
        names = unpacked.wanted(apt.known("postgresql-"), present_servers())
    if names:
        say(
            Text(
                "发行版的软件包会另建一个空的系统数据库，舆地不使用它",
                "The distribution's package also makes an empty system database; Yudi does not use that one",
            )
        )
        apt.install(names)


def present_servers() -> list[int]:
    """Major versions of the servers under the distribution's folder, with or without PostGIS."""
    found = Path("/usr/lib/postgresql").glob("*/bin/postgres")
    return [int(p.parent.parent.name) for p in found if p.parent.parent.name.isdigit()]


def provide_fonts() -> None:
    """Chinese fonts, if they can be had: installed, or for documents and printed maps alone unpacked into var/."""
    if not has_chinese_fonts():
        once(
            FONTS,
            [FONTS],
            Text(
                f"未安装中文字体（{FONTS}）：无法制作公文和印制地图，截图可能缺字",
                f"No Chinese fonts ({FONTS}): documents and printed maps cannot be made, screenshots may lack characters",
            ),
            otherwise=lambda: unpacked.provide_fonts(FONTS, UNPACKED_FONTS),
        )


def provide_browser() -> None:
    """Chromium for the browser tests, if it can be had."""
    if browser() is None:
        packages = [] if distribution() == "ubuntu" else [SHELL if apt.known(SHELL) else "chromium"]
        once(
            "chromium",
            packages,
            Text(
                "没有 Chromium（Ubuntu 不提供真正的软件包）：浏览器测试将逐个列为未运行",
                "No Chromium (Ubuntu has no real package of it): browser tests will be listed as not run, by name",
            ),
        )


def once(
    mark: str, packages: list[str], without: Text, otherwise: Callable[[], bool] = lambda: False
) -> None:
    """Ask for optional packages one time; where they do not come, try it otherwise; where that fails too, say
    what it means and go on."""
    asked = ROOT / "var" / "asked" / mark
    if asked.exists():
        return
    asked.parent.mkdir(parents=True, exist_ok=True)
    asked.touch()
    if not (packages and apt.may_install() and apt.install(packages)) and not otherwise():
        say(without)


def has_chinese_fonts() -> bool:
    """Whether a font file with a name known to be Chinese lies in a font folder. (fontconfig's own list would
    write a cache in the home folder.)"""
    folders = [*(Path(f).expanduser() for f in FONT_FOLDERS), UNPACKED_FONTS]
    return any(
        next(folder.rglob(name), None) for folder in folders if folder.exists() for name in CHINESE_FONTS
    )


def browser() -> Path | None:
    """A real Chromium; Ubuntu's chromium-browser is a stub that asks for a snap and does not count."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found and Path(found).resolve().name != "snap" and not str(Path(found)).startswith("/snap/"):
        return Path(found)
    return None


def distribution() -> str:
    """The distribution's short name (debian, ubuntu …), empty where it does not say."""
    try:
        return platform.freedesktop_os_release().get("ID", "")
    except OSError:
        return ""
