"""./yudi up: all set-up, database, demo district, site; until Ctrl-C."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geo.problems import Unavailable
from geo.text import Text

if TYPE_CHECKING:
    from api.setup.demo.accounts import Account

#: The work-plan year that the demonstration shows (docs/contract.md).
DEMO_AS_OF = "2024-12-31"
WEB_PROCESSES = 2


class AlreadyUp(Unavailable):
    """A site of this checkout is running or being started."""

    code = "already-up"
    title = Text(
        "舆地已经在运行：{address}（进程 {pid}），请先在那里按 Ctrl-C",
        "Yudi is up already: {address} (process {pid}); press Ctrl-C there first",
    )


class NewerDatabase(Unavailable):
    """The database was migrated by a newer version of this program."""

    code = "newer-database"
    title = Text(
        "数据库由更新版本的舆地建立，请更新程序后再启动",
        "The database was made by a newer version of Yudi; update the program first",
    )


def add(app: typer.Typer) -> None:
    """Put the command into the program."""
    app.command(
        "up", help="准备一切并启动网站，Ctrl-C 停止 · Set everything up and run the site; Ctrl-C stops it"
    )(up)


def up(
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="网站端口 · port of the site")] = 8000,
    host: Annotated[
        str,
        typer.Option(
            "--host",
            envvar="YUDI_HOST",
            help="监听地址，默认仅本机；没有审图号时对外不提供地图 · "
            "address to listen on, this machine alone by default; without a map-approval number others get no maps",
        ),
    ] = "127.0.0.1",
    empty: Annotated[
        bool, typer.Option("--empty", help="不装入演示数据 · do not load the demonstration district")
    ] = False,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="不打开浏览器 · do not open a browser")
    ] = False,
) -> None:
    from api.setup import assets, cluster, packages, site
    from api.setup.places import var

    os.environ["YUDI_HOST"] = host
    address = site.web_address(host, port)
    with only_one(address), site.listen(port, host) as listening:
        packages.provide_fonts()
        assets.provide()
        logs = var() / "log"
        first, *others = children = site.parts(listening, logs, web=WEB_PROCESSES)
        with cluster.stopped_after(), site.stopped_after(children):
            first.start()  # it loads while the database is made ready
            accounts = prepare(cluster.ensure(), empty=empty)
            first.let_go()
            site.wait_until_ready(port, children, host)
            greet(address, accounts, str(logs))
            warn_of_the_fence()
            for child in others:
                child.let_go()
            if not no_browser:
                open_browser(address)
            site.watch(children)


class only_one:
    """The lock of a running site; says which one runs where it is held."""

    def __init__(self, address: str) -> None:
        from api.setup.places import var

        self.path = var() / "up.lock"
        self.words = f"{os.getpid()} {address}"

    def __enter__(self) -> None:
        import fcntl

        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.file = self.path.open("a+", encoding="utf-8")
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.file.seek(0)
            pid, _, address = self.file.read().partition(" ")
            self.file.close()
            raise AlreadyUp(pid=pid, address=address) from None
        self.file.truncate(0)
        self.file.write(self.words)
        self.file.flush()

    def __exit__(self, *error: object) -> None:
        self.file.close()


def prepare(url: str, *, empty: bool) -> list[Account]:
    """Migrate, load the demonstration where nothing is there yet, and set the date that it is shown at.
    Returns the demonstration's accounts."""
    import psycopg
    from alembic.util import CommandError

    from api.setup.naming import enter_words
    from api.setup.say import say
    from geo.store.migrate import upgrade

    try:
        upgrade(url)
    except CommandError as error:
        raise NewerDatabase() from error
    enter_words()
    with psycopg.connect(url.replace("+psycopg", "", 1)) as asked:
        identity, filled, demo, nameless = asked.execute(
            "select (select system_identifier from pg_control_system()) || '/' ||"
            " (select oid from pg_database where datname = current_database()),"
            " exists (select from admin_unit) or exists (select from demarcation),"
            " exists (select from admin_unit where demo),"
            " not exists (select from place_name) and exists (select from admin_unit u join app_user a"
            " on a.id = u.made_by where a.login = 'system')"
        ).fetchone() or ("", False, False, False)
    if filled:
        from api.setup.demo.accounts import kept

        accounts = kept(identity)
        if nameless:
            say(Text("正在装入地名名录（只做一次）…", "Loading the lists of place names (once) …"))
            load_names()
    elif empty:
        return []
    else:
        say(
            Text(
                "正在装入演示区（虚构数据，只做一次）…",
                "Loading the demonstration district (invented, once) …",
            )
        )
        accounts, demo = load(identity), True
    if demo:
        os.environ.setdefault("YUDI_AS_OF", DEMO_AS_OF)
    return accounts


def load(identity: str) -> list[Account]:
    from api.setup.demo.load import load_if_empty
    from geo.settings import district
    from geo.store.engine import close_engines, sessions

    with sessions("owner").begin() as session:
        accounts = load_if_empty(session, district(), database=identity)
    close_engines()
    return accounts


def load_names() -> None:
    from api.setup.demo.load import load_missing_names
    from geo.settings import district
    from geo.store.engine import close_engines, sessions

    with sessions("owner").begin() as session:
        load_missing_names(session, district())
    close_engines()


def greet(address: str, accounts: list[Account], logs: str) -> None:
    """The address and the accounts, for a person and for a program that waits for the line."""
    lines = [f"舆地已启动 · Yudi is up: {address}"]
    if accounts:
        lines.append("演示账号（口令为本机随机生成）· Demo accounts (random passwords of this installation):")
        lines += [f"  {a.login:<14} {a.password}   {a.name}（{'、'.join(a.roles)}）" for a in accounts]
        tutorial = Path(logs).parent / "tutorial"
        if tutorial.is_dir():
            lines.append(
                f"教程文件（合格的和有缺陷的成果）· Tutorial deliveries, right and wrong: {tutorial}"
            )
    lines.append(f"日志 · Logs: {logs}    停止 · Stop: Ctrl-C")
    print("\n".join(lines), flush=True)


def warn_of_the_fence() -> None:
    """Say at once that a site for others shows no maps, where nobody has approved them."""
    from api.security.map_fence import MapNotApproved
    from api.security.settings import DoorSettings
    from api.setup.say import say

    if DoorSettings.from_environment().maps_fenced:
        say(MapNotApproved.title)


def open_browser(address: str) -> None:
    """Where there is a desktop and a person at it."""
    if sys.stdout.isatty() and (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        import webbrowser

        webbrowser.open(address)
