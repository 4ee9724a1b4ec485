"""./yudi audit: verify the chain of audit events, say its head, and write it out for others to verify."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Annotated

import typer

HEAD = re.compile(r"([1-9][0-9]{0,18}):([0-9a-fA-F]{16,128})")


def add(app: typer.Typer) -> None:
    """Hang `audit` into the program."""
    chain = typer.Typer(help="审计链 · the chain of audit events", no_args_is_help=True)
    chain.command("verify")(verify)
    chain.command("head")(head)
    chain.command("export")(export)
    app.add_typer(chain, name="audit")


def verify(
    heads: Annotated[
        list[str] | None,
        typer.Option(
            "--head",
            metavar="ID:HASH",
            help="所持的链头（公告、/audit/head 上的），可多次给出 · a head that you hold; may be repeated",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 答复 · answer as JSON")] = False,
) -> None:
    """校验审计链：指出第一处改动、删除、插入或调换 · Name the first change, removal, insertion or reordering.

    末尾被截去或全链被重写，只有与外人所持的链头相比才能看出，用 --head 给出。
    A cut tail and a history written anew show only by a head that others hold: give it with --head.
    退出码 Exit code: 0 完好 whole, 1 有改动 broken.
    """
    from api.cli import _database
    from geo.store import audit, audit_chain
    from geo.store.engine import sessions

    known = [_head(given) for given in heads or ()]
    _database.ready()
    with sessions("app")() as session:
        found = audit_chain.verify(session, known)
        last = audit.head(session)
    answer = {
        "whole": not found,
        "events": 0 if last is None else last.id,
        "head": None if last is None else str(last),
        "heads_compared": len(known),
        "break": None,
    }
    if found:
        first = found[0]
        answer["break"] = {
            "id": first.id, "kind": first.kind, "other": first.other,
            "message": first.text.zh, "message_en": first.text.en,
        }  # fmt: skip
    if as_json:
        typer.echo(json.dumps(answer, ensure_ascii=False))
    elif found:
        typer.echo(f"审计链有改动 · broken: {found[0].text.zh} · {found[0].text.en}")
    else:
        typer.echo(f"审计链完好 · whole: {answer['events']} 条 events")
        typer.echo(f"链头 head: {answer['head'] or '–'}")
        if not known:
            typer.echo(
                "末尾是否被截去，须用 --head 与所持链头比对 · whether the tail was cut shows by --head"
            )
    if found:
        raise typer.Exit(1)


def _head(given: str) -> tuple[int, str]:
    # Announcements print it in groups; `audit head` puts the time behind it.
    match = HEAD.fullmatch("".join(given.partition("（")[0].split()))
    if match is None:
        raise typer.BadParameter(
            "链头的形式是 编号:哈希（至少 16 位十六进制）· a head is ID:HASH, at least 16 hexadecimal digits",
            param_hint="--head",
        )
    return int(match[1]), match[2]


def head(
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 答复 · answer as JSON")] = False,
) -> None:
    """链头：最新一条的编号和哈希，抄存在系统之外 · The newest event's number and hash, to be kept elsewhere."""
    from api.cli import _database
    from geo.store import audit
    from geo.store.engine import sessions

    _database.ready()
    with sessions("app")() as session:
        last = audit.head(session)
    if as_json:
        facts = None if last is None else {
            "id": last.id, "at": last.at.isoformat(), "algorithm": last.algorithm, "hash": last.hash,
        }  # fmt: skip
        typer.echo(json.dumps(facts))
    else:
        typer.echo("尚无记录 · no events yet" if last is None else f"{last}（{last.at.isoformat()}）")


def export(
    out: Annotated[Path, typer.Argument(metavar="F.jsonl", help="写入的文件 · the file to write")],
    whole: Annotated[
        bool,
        typer.Option(
            "--content",
            help="连同内容（含个人信息，本身留痕） · with contents, personal data included; noted",
        ),
    ] = False,
) -> None:
    """导出审计链，一行一条：默认只有摘要和哈希，不含个人信息 · Write the chain, by default digests and hashes alone."""
    from api.cli import _database
    from geo.store import audit, audit_chain
    from geo.store.engine import sessions

    if not out.absolute().parent.is_dir():
        raise typer.BadParameter(
            f"文件夹 {out.parent} 不存在 · the folder does not exist", param_hint="F.jsonl"
        )
    _database.ready()
    if whole:
        with sessions("app").begin() as session:
            audit.append(
                session, actor=None, act="export", subject_kind="audit", subject="*", reason="导出审计记录全文"
            )  # fmt: skip
    with sessions("app")() as session, out.open("w", encoding="utf-8") as file:
        written = [
            file.write(json.dumps(link, ensure_ascii=False) + "\n")
            for link in audit_chain.chain(session, whole=whole)
        ]
    typer.echo(f"{len(written)} 条 events → {out}")
