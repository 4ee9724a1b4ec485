"""Machine: the engine of every workflow. States and steps are a table; `step` is pure.

Tests try every role from every state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
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
    """One step of a workflow (办理步骤)."""

    name: str
    from_: tuple[str, ...]
    to: str
    by: frozenset[UserRole]
    says: Text
    guards: tuple[Guard, ...] = ()
    evidence: tuple[str, ...] = ()
    makes: tuple[str, ...] = ()
    starts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Machine:
    """A workflow: its transitions by name. The same name may start from several states."""

    name: str
    transitions: tuple[Transition, ...]
    by_name: dict[str, tuple[Transition, ...]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        for t in self.transitions:
            self.by_name[t.name] = (*self.by_name.get(t.name, ()), t)

    def open_to(self, state: str, roles: Iterable[UserRole]) -> list[Transition]:
        """The steps that someone with `roles` may try from `state`, guards aside."""
        held = set(roles)
        return [t for t in self.transitions if state in t.from_ and t.by & held]

    def step(self, state: str, name: str, roles: Iterable[UserRole], facts: Any = None) -> Transition:
        """The transition to take. Raises WrongState, StepNotYours or GuardUnmet (naming all that lack)."""
        known = self.by_name.get(name, ())
        fitting = [t for t in known if state in t.from_]
        if not fitting:
            raise WrongState(state=state, step=known[0].says.zh if known else name)
        transition = fitting[0]
        if not transition.by & set(roles):
            raise StepNotYours(step=transition.says.zh, roles="、".join(sorted(transition.by)))
        missing = [g.needs for g in transition.guards if not g.holds(facts)]
        if missing:
            raise GuardUnmet(step=transition.says.zh, missing="；".join(t.zh for t in missing))
        return transition
