"""Machine: the engine of every workflow. States and steps are a table; `step` is pure.

Tests try every role from every state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from geo.problems import Conflict, NotAllowed
from geo.terms import UserRole
from geo.text import Text


class WrongState(Conflict):
    """The record's state does not allow the step."""

    code = "wrong-state"
    title = Text("当前状态“{state}”不能办理“{step}”", "“{step}” cannot be taken from state “{state}”")


class StepNotYours(NotAllowed):
    """The person has none of the roles that may take the step."""

    code = "step-not-yours"
    title = Text("“{step}”须由有权限的人员办理：{roles}", "“{step}” is for: {roles}")


class GuardUnmet(Conflict):
    """Something that the step needs is missing."""

    code = "guard-unmet"
    title = Text("办理“{step}”还缺：{missing}", "“{step}” still needs: {missing}")


@dataclass(frozen=True, slots=True)
class Guard:
    """A condition of a step: `holds` is asked with the facts that the act gathered."""

    needs: Text
    holds: Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Transition:
    """One step of a workflow (办理步骤).

    when: where one step leads to different states, which case this row is for (the first row that fits counts).
    evidence, makes: documents that it rests on and that it makes. starts, pauses, resumes, stops: clocks (期限).
    """

    name: str
    from_: tuple[str, ...]
    to: str
    by: frozenset[UserRole]
    says: Text
    guards: tuple[Guard, ...] = ()
    evidence: tuple[str, ...] = ()
    makes: tuple[str, ...] = ()
    starts: tuple[str, ...] = ()
    pauses: tuple[str, ...] = ()
    resumes: tuple[str, ...] = ()
    stops: tuple[str, ...] = ()
    when: Guard | None = None


@dataclass(frozen=True)
class Machine:
    """A workflow: its transitions by name. The same name may start from several states. states: their names."""

    name: str
    transitions: tuple[Transition, ...]
    states: Mapping[str, Text] = field(default_factory=dict)
    by_name: dict[str, tuple[Transition, ...]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        for t in self.transitions:
            self.by_name[t.name] = (*self.by_name.get(t.name, ()), t)

    def open_to(self, state: str, roles: Iterable[UserRole]) -> list[Transition]:
        """The steps that someone with `roles` may try from `state`, guards aside."""
        held = set(roles)
        return [t for t in self.transitions if state in t.from_ and t.by & held]

    def offers(
        self, state: str, roles: Iterable[UserRole], facts: Any
    ) -> list[tuple[Transition, list[Text]]]:
        """The steps that someone with `roles` may try from `state`, each with what it still needs."""
        rows: dict[str, Transition] = {}
        for t in self.open_to(state, roles):
            if t.name not in rows and (t.when is None or t.when.holds(facts)):
                rows[t.name] = t
        return [(t, [g.needs for g in t.guards if not g.holds(facts)]) for t in rows.values()]

    def step(self, state: str, name: str, roles: Iterable[UserRole], facts: Any = None) -> Transition:
        """The transition to take. Raises WrongState, StepNotYours or GuardUnmet (naming all that lack)."""
        known = self.by_name.get(name, ())
        fitting = [t for t in known if state in t.from_]
        if not fitting:
            raise WrongState(state=self.states.get(state, state), step=known[0].says if known else name)
        transition = next((t for t in fitting if t.when is None or t.when.holds(facts)), None)
        if transition is None:
            needs = dict.fromkeys(t.when.needs for t in fitting if t.when is not None)
            raise GuardUnmet(step=fitting[0].says, missing=_listed(needs))
        if not transition.by & set(roles):
            raise StepNotYours(step=transition.says, roles="、".join(sorted(transition.by)))
        missing = [g.needs for g in transition.guards if not g.holds(facts)]
        if missing:
            raise GuardUnmet(step=transition.says, missing=_listed(missing))
        return transition


def _listed(texts: Iterable[Text]) -> Text:
    every = list(texts)
    return Text("；".join(t.zh for t in every), "; ".join(t.en for t in every))
