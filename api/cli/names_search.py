"""./yudi names search: what the search box answers."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer


def attach(names: typer.Typer) -> None:
    """Put the command into the group of names."""
    names.command("search")(search)


def search(
    given: Annotated[
        str, typer.Argument(metavar="TEXT", help="汉字、拼音、首字母 · characters, pinyin, initials")
    ],
    limit: Annotated[int, typer.Option(min=1, max=100, help="条数 · how many")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="一行一个对象 · one object a line")] = False,
) -> None:
    """检索公开的地名，与检索框的答复相同 · Search the public names: what the search box answers."""
    from api.cli._database import ready
    from geo.store.engine import sessions
    from geo.store.search import search as look

    ready()
    with sessions("search")() as session:
        answer = look(session, given, limit=limit)
    if as_json:
        typer.echo(
            json.dumps(
                {
                    "query": given,
                    "items": [hit.to_json() for hit in answer.items],
                    "next": answer.next,
                    "offers": [hit.to_json() for hit in answer.offers],
                },
                ensure_ascii=False,
            )
        )
        return
    for hit in answer.items:
        typer.echo(_line(hit))
    if answer.offers:
        typer.echo("是否要找 · did you mean：")
        for hit in answer.offers:
            typer.echo(_line(hit))
    if not answer.items and not answer.offers:
        typer.echo(
            "没有找到；可试拼音、首字母，或少写几个字 · nothing found; try pinyin, initials or fewer characters"
        )


def _line(hit: Any) -> str:
    from geo.terms import NAME_STATUS_NAMES, NameStatus

    status = NAME_STATUS_NAMES[NameStatus(hit.status)].zh
    now = f"，现名 {hit.standard[1]}" if hit.standard else ""
    return f"{hit.number}\t{hit.name}\t{hit.romanization}\t{hit.unit_name or hit.unit_code}\t{status}{now}\t{hit.why.zh}"
