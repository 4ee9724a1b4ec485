"""./yudi user: the first administrator of an empty installation, further accounts, and a way back in."""

from __future__ import annotations

import sys
from typing import Annotated

import typer


def add(app: typer.Typer) -> None:
    """Hang `user` into the program."""
    users = typer.Typer(help="用户 · accounts", no_args_is_help=True)
    users.command("add")(add_user)
    users.command("list")(list_users)
    users.command("password")(new_password)
    users.command("appoint")(appoint)
    app.add_typer(users, name="user")


def add_user(
    login: Annotated[
        str, typer.Argument(help="登录名：小写字母、数字、. _ - · login name, lower case")
    ] = "admin",
    name: Annotated[str, typer.Option("--name", help="姓名 · the person's name")] = "",
    role: Annotated[
        list[str] | None,
        typer.Option(
            "--role",
            help="角色，可多次给出；首个用户总是管理员 · role, may be repeated; the first user is always administrator",
        ),
    ] = None,
    organisation: Annotated[str, typer.Option("--organisation", help="机构名称 · organisation")] = "",
    kind: Annotated[
        str, typer.Option("--kind", help="机构类型 · firm, township, department, operator, other")
    ] = "department",
    unit: Annotated[
        str | None, typer.Option("--unit", help="机构所属区划代码 · unit that the organisation is of")
    ] = None,
    acting: Annotated[
        str | None,
        typer.Option("--as", help="由哪位管理员添加（已有管理员时必填） · the administrator who adds it"),
    ] = None,
    password_stdin: Annotated[
        bool,
        typer.Option("--password-stdin", help="从标准输入读口令 · read the password from standard input"),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 答复 · answer as JSON")] = False,
) -> None:
    """添加用户：空系统的第一位管理员，或由管理员添加其他用户 · add the first administrator, or any user by one.

    口令不写在命令行上：提示输入，或用 --password-stdin。 The password is asked for, never given as an argument.
    """
    import json

    from api.acts import administer
    from api.cli import _database
    from geo.settings import district
    from geo.store.engine import sessions
    from geo.terms import UserRole

    try:
        roles = {UserRole(value) for value in role or ()}
    except ValueError:
        known = " ".join(r.value for r in UserRole)
        raise typer.BadParameter(f"没有这种角色 · unknown role; {known}", param_hint="--role") from None
    _database.ready()
    here = district()
    with sessions("app").begin() as session:
        actor = administer.acting_user(session, acting, here.code) if acting else None
        if actor is None:
            administer.refuse_second_first(session)
        password = read_password(password_stdin)
        user = administer.add_user(
            session,
            actor,
            login=login,
            name=name or login,
            password=password,
            roles=roles,
            organisation=organisation or f"{here.name}民政局",
            organisation_kind=kind,
            unit_code=unit,
            district=here.code,
        )
        granted = sorted(grant.role for grant in user.roles)
        added = {"login": user.login, "name": user.name, "roles": granted, "district": here.code}
    if as_json:
        typer.echo(json.dumps(added, ensure_ascii=False))
    else:
        typer.echo(f"已添加 · added: {added['login']}（{'、'.join(granted)}）")


def read_password(from_stdin: bool) -> str:
    """The password: the first line of standard input, or asked for twice on the terminal."""
    from api.security.passwords import SHORTEST

    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise typer.BadParameter(
            "没有终端可以提示输入口令，请用 --password-stdin · no terminal to ask on; use --password-stdin",
            param_hint="--password-stdin",
        )
    answer: str = typer.prompt(
        f"口令（至少 {SHORTEST} 个字符） · password, at least {SHORTEST} characters",
        hide_input=True,
        confirmation_prompt="再输一遍 · again",
    )
    return answer


AsJson = Annotated[bool, typer.Option("--json", help="以 JSON 答复 · answer as JSON")]


def list_users(as_json: AsJson = False) -> None:
    """列出用户及其角色 · List the accounts and their roles."""
    import json

    from api.acts.manage_users import grants_of
    from api.cli import _database
    from geo.store import people
    from geo.store.engine import sessions

    _database.ready()
    with sessions("app")() as session:
        for user in people.every_user(session):
            held = grants_of(user)
            if as_json:
                row = {
                    "login": user.login, "name": user.name, "organisation": user.organisation.name,
                    "active": user.active, "roles": held, "demo": user.demo,
                }  # fmt: skip
                typer.echo(json.dumps(row, ensure_ascii=False))
                continue
            roles = "；".join(f"{district} {'、'.join(roles)}" for district, roles in held.items())
            state = "" if user.active else "（已停用 closed）"
            typer.echo(f"{user.login}\t{user.name}{state}\t{user.organisation.name}\t{roles or '–'}")


def new_password(
    login: Annotated[str, typer.Argument(help="登录名 · login name")], as_json: AsJson = False
) -> None:
    """重设口令：进不了系统时，由主机管理员生成初始口令，首次登录须改；留痕 · A first password from the machine itself."""
    import json

    from api.acts import manage_users
    from api.cli import _database
    from geo.store.engine import sessions

    _database.ready()
    with sessions("app").begin() as session:
        user, password = manage_users.recover(session, login)
        answer = {"login": user.login, "password": password}
    typer.echo(json.dumps(answer) if as_json else f"{answer['login']} 初始口令 first password: {password}")


def appoint(
    login: Annotated[str, typer.Argument(help="登录名 · login name")],
    district: Annotated[str, typer.Option("--district", help="六位区划代码 · a district's six digits")],
    as_json: AsJson = False,
) -> None:
    """设某行政区的首位管理员（该区尚无管理员时） · Appoint the first administrator of a district that has none."""
    import json

    from api.acts import manage_users
    from api.cli import _database
    from geo.store.engine import sessions

    _database.ready()
    with sessions("app").begin() as session:
        user = manage_users.appoint(session, login, district)
        answer = {"login": user.login, "roles": manage_users.grants_of(user)}
    typer.echo(json.dumps(answer) if as_json else f"{answer['login']}: {district} administrator")
