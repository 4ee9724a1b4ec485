"""./yudi map: draw a map into a file (出图), the public's version."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

MAPS = ("boundaries", "villages", "elderly-care")
PAPERS = ("A4", "A3", "A2", "A1", "A0")


def add(app: typer.Typer) -> None:
    """Hang `map` into the program."""
    app.command("map", help="出图到文件（公开版）· Draw a map into a file, as the public may see it")(draw)


def draw(
    name: Annotated[
        str,
        typer.Argument(metavar="MAP", help="boundaries 界线图、villages 乡村地名图、elderly-care 养老地图"),
    ],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help=".html、.png 或 .pdf")],
    standalone: Annotated[
        bool, typer.Option("--standalone", help="单个 HTML 文件，断网也能打开 · one file that opens offline")
    ] = False,
    at: Annotated[
        datetime | None,
        typer.Option("--at", formats=["%Y-%m-%d"], help="在哪一天的状态 · as of this date"),
    ] = None,
    lang: Annotated[str, typer.Option("--lang", help="zh 或 en")] = "zh",
    paper: Annotated[
        str | None, typer.Option("--paper", help="A4、A3、A2、A1、A0，默认 A3 · default A3")
    ] = None,
    landscape: Annotated[
        bool | None,
        typer.Option(
            "--landscape/--portrait", help="横幅或竖幅，默认按形状 · by default as the district's form wants"
        ),
    ] = None,
    within: Annotated[
        str | None,
        typer.Option(
            "--within",
            metavar="CODE",
            help="只画一个镇街或村（9 或 12 位代码），用于 villages · of one township or village",
        ),
    ] = None,
) -> None:
    """出图到文件。只含公开内容：已勘定界线概括表示，其余为现用界。

    Without --standalone the scripts lie in a folder beside the file. PDF is drawn as vectors at a round scale,
    PNG at 300 dpi up to A3 and 150 above; both on paper from A4 to A0. Exit codes: 0 drawn, 2 wrong use.
    """
    if name not in MAPS:
        _refuse(f"没有名为 {name} 的地图，可选：{'、'.join(MAPS)} · no such map; there is: {', '.join(MAPS)}")
    kind = out.suffix.lower()
    if kind not in (".html", ".png", ".pdf"):
        _refuse("--out 须以 .html、.png 或 .pdf 结尾 · --out ends in .html, .png or .pdf")
    if standalone and kind != ".html":
        _refuse("--standalone 只用于 .html · --standalone is for .html")
    if kind == ".html" and (paper is not None or landscape is not None):
        _refuse("--paper、--landscape、--portrait 只用于 .pdf 和 .png · these are for .pdf and .png")
    if paper is not None and paper.upper() not in PAPERS:
        _refuse(f"没有纸张 {paper}，可选：{'、'.join(PAPERS)} · no such paper; there is: {', '.join(PAPERS)}")
    if within is not None and name != "villages":
        _refuse("--within 只用于 villages · --within is for villages")
    if lang not in ("zh", "en"):
        _refuse("--lang 只能是 zh 或 en · --lang is zh or en")
    if not out.absolute().parent.is_dir():
        _refuse(f"文件夹 {out.parent} 不存在 · the folder does not exist")
    from api.cli import _database
    from api.pages import output

    _database.ready()
    day = at.date() if at else None
    if kind == ".html":
        output.write_html(out, standalone=standalone, at=day, language=lang, name=name, within=within)
    else:
        output.write_print(
            out, at=day, language=lang, size=paper or "A3", landscape=landscape, name=name, within=within
        )
    typer.echo(str(out))


def _refuse(words: str) -> None:
    typer.echo(words, err=True)
    raise typer.Exit(2)
