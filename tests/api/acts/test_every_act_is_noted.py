"""审计: every act that changes a record writes its event, in the same transaction."""

from __future__ import annotations

import ast

import pytest

from geo.settings import ROOT

ACTS = sorted(p for p in (ROOT / "api" / "acts").glob("*.py") if p.name != "__init__.py")
#: Acts that only look, by how their names begin, and modules whose functions are parts of a noted act.
LOOKING = (
    "account",
    "applicant_of",
    "changed",
    "check",
    "digest_of",
    "districts_of",
    "facts_of",
    "listed",
    "may",
    "offered",
    "own_",
    "seen",
)
PARTS = ("announcing", "enter_name", "papers")
#: These ask for a job, whose own act notes what it did; `once` keeps an answer for whoever asks twice.
LATER = {"import_names.request", "import_names.again", "exchange.once"}
NOTING = {"audit.append", "watch.refused", "watch.count_the_rest"}


def called(node: ast.AST) -> set[str]:
    return {ast.unparse(each.func) for each in ast.walk(node) if isinstance(each, ast.Call)}


def functions_of_all() -> dict[str, tuple[ast.FunctionDef, set[str], bool]]:
    """Every function of the acts by `module.name`: itself, what it calls, whether it is public with an actor."""
    found = {}
    for path in ACTS:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        local = {n.name for n in tree.body if isinstance(n, ast.FunctionDef)}
        imported = {
            alias.asname or alias.name: f"{node.module.rsplit('.', 1)[-1]}.{alias.name}"
            for node in tree.body
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("api.acts.")
            for alias in node.names
        }
        for node in tree.body:
            if isinstance(node, ast.FunctionDef):
                names = {f"{path.stem}.{n}" if n in local else imported.get(n, n) for n in called(node)}
                arguments = {a.arg for a in (*node.args.args, *node.args.kwonlyargs)}
                public = not node.name.startswith("_") and {"session", "actor"} <= arguments
                found[f"{path.stem}.{node.name}"] = (node, names, public)
    return found


FUNCTIONS = functions_of_all()


def reaches(name: str, wanted: set[str], seen: frozenset[str] = frozenset()) -> bool:
    """Whether a function calls one of these, itself or through other functions of the acts."""
    _, names, _ = FUNCTIONS[name]
    return bool(names & wanted) or any(
        reaches(other, wanted, seen | {name}) for other in names & FUNCTIONS.keys() - seen - {name}
    )


#: Acts by hand of a person.
PEOPLES = sorted(
    name
    for name, (_, _, public) in FUNCTIONS.items()
    if public
    and name not in LATER
    and name.partition(".")[0] not in PARTS
    and not name.partition(".")[2].startswith(LOOKING)
)


def test_there_are_acts_to_look_at() -> None:
    assert len(PEOPLES) > 40


@pytest.mark.parametrize("name", PEOPLES)
def test_an_act_notes_what_it_does(name: str) -> None:
    assert reaches(name, NOTING), f"{name} leaves no event of the audit trail; if it only looks, say so above"
