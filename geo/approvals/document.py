"""docs/approvals.md's picture and table of an application's life, written from the machine: `python -m geo.approvals.document`."""

from __future__ import annotations

from collections.abc import Iterable

from geo.approvals.clocks import limits
from geo.approvals.life import LIFE
from geo.machine import Transition
from geo.settings import ROOT
from geo.terms import APPLICATION_STATE_NAMES, ApplicationState

PAGE = ROOT / "docs" / "approvals.md"
BEGIN, END = "<!-- written by python -m geo.approvals.document -->", "<!-- end -->"


def diagram() -> str:
    """The states and the steps between them, as a Mermaid state diagram; steps that stay where they are stand in the
    table alone."""
    lines = ["```mermaid", "stateDiagram-v2"]
    for state in ApplicationState:
        lines.append(f"    {state.value}: {APPLICATION_STATE_NAMES[state].zh}<br/>{state.value}")
    lines.append(f"    [*] --> {ApplicationState.DRAFT.value}")
    ways: dict[tuple[str, str], list[str]] = {}
    for transition in LIFE.transitions:
        for start in transition.from_:
            if start != transition.to:
                names = ways.setdefault((start, transition.to), [])
                if transition.says.zh not in names:
                    names.append(transition.says.zh)
    lines += [f"    {start} --> {to}: {'、'.join(names)}" for (start, to), names in ways.items()]
    left = {start for t in LIFE.transitions for start in t.from_ if start != t.to}
    lines += [f"    {state.value} --> [*]" for state in ApplicationState if state.value not in left]
    return "\n".join([*lines, "```"])


def table() -> str:
    """Every step: from where to where, who, what it needs, what it makes, which clocks."""
    rows = [
        "| step | from → to | who | needs | makes | clocks |",
        "|---|---|---|---|---|---|",
    ]
    rows += [_row(t) for t in _merged(LIFE.transitions)]
    return "\n".join(rows)


def _merged(transitions: Iterable[Transition]) -> list[Transition]:
    """Steps that stay where they are in several states, once: they read alike."""
    seen: dict[object, Transition] = {}
    for t in transitions:
        key = (t.name, t.says, t.guards, t.when) if t.from_ == (t.to,) else (t.name, t.from_, t.to, t.when)
        held = seen.get(key)
        if held is None:
            seen[key] = t
        else:
            seen[key] = Transition(
                t.name, (*held.from_, *t.from_), "", t.by, t.says, t.guards, makes=t.makes, starts=t.starts,
                pauses=t.pauses, resumes=t.resumes, stops=t.stops, when=t.when,
            )  # fmt: skip
    return list(seen.values())


def _row(t: Transition) -> str:
    starts = ", ".join(t.from_)
    way = f"{starts} → {t.to}" if t.to and t.from_ != (t.to,) else starts
    if t.when is not None:
        way += f" ({t.when.needs.en})"
    clocks = [
        f"{word} {limit}"
        for word, ids in (
            ("starts", t.starts),
            ("pauses", t.pauses),
            ("resumes", t.resumes),
            ("stops", t.stops),
        )
        for limit in ids
    ]
    needs = "; ".join(g.needs.en for g in t.guards)
    who = ", ".join(sorted(r.value for r in t.by))
    cells = (f"`{t.name}` {t.says.zh}", way, who, needs, ", ".join(t.makes), ", ".join(clocks))
    return "| " + " | ".join(cells) + " |"


def clocks() -> str:
    """The limits that the steps set running."""
    used = {i for t in LIFE.transitions for i in (*t.starts, *t.stops)}
    rows = ["| limit | 期限 | days | from | article |", "|---|---|---|---|---|"]
    rows += [
        f"| {one.id} | {one.title.zh} | {one.length.zh} | {one.from_words.zh} | {one.source} |"
        for one in limits().values()
        if one.id in used
    ]
    return "\n".join(rows)


def written() -> str:
    """What stands between the marks of the page."""
    return f"{BEGIN}\n\n{diagram()}\n\n{table()}\n\n{clocks()}\n\n{END}"


def main() -> None:
    """Write the page's part anew."""
    page = PAGE.read_text(encoding="utf-8")
    head, _, rest = page.partition(BEGIN)
    _, _, tail = rest.partition(END)
    PAGE.write_text(f"{head}{written()}{tail}", encoding="utf-8")
    print(f"{PAGE.relative_to(ROOT)}: {len(LIFE.transitions)} transitions")


if __name__ == "__main__":
    main()
