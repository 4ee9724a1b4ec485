"""Yearly lists (历年名录) as the lives of places: which place stood in which list, under which name and code.

Pure: lists in, lives out. The lists show a state on a cut-off date; what happened between two of them has
no date, only an interval.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

#: Full titles of committees, longest first; what is left is the name of the place where the committee sits.
TITLES = ("居民委员会", "村民委员会", "居委会", "村委会")


@dataclass(frozen=True)
class Seen:
    """One place in one list: name of the place, code there, and the full title that the list prints."""

    index: int
    code: str
    name: str
    title: str


@dataclass
class Life:
    """A place through the lists. key: its first code, told apart where a later place took the code over."""

    key: str
    seen: list[Seen] = field(default_factory=list)

    def runs(self) -> list[list[Seen]]:
        """Consecutive lists with one code and one name."""
        found: list[list[Seen]] = []
        for one in self.seen:
            last = found[-1][-1] if found else None
            if last and (last.code, last.name, last.index + 1) == (one.code, one.name, one.index):
                found[-1].append(one)
            else:
                found.append([one])
        return found


def place_name(title: str) -> str:
    """The name of the place (村委会、居委会所在地名称) in a committee's full title: 凤龙村委会 -> 凤龙村,
    太洪场村村民委员会 -> 太洪场村, 五星路社区居委会 -> 五星路社区.

    居委会 and 居民委员会 are two wordings of one title, so a change of wording alone renames nothing.
    """
    for ending in TITLES:
        if title.endswith(ending) and len(title) > len(ending):
            stem = title[: -len(ending)]
            return stem if not ending.startswith("村") or stem.endswith("村") else stem + "村"
    return title


def township_name(title: str) -> str:
    """The name in a township's full title: 忠州街道办事处 -> 忠州街道."""
    return title.removesuffix("办事处").removesuffix("人民政府")


def lives(lists: Iterable[dict[str, tuple[str, str]]]) -> list[Life]:
    """Places from lists {code: (name, title)}, one a cut-off, the oldest first.

    The same code is the same place (a new name there is a renaming), unless a list between lacked it and the
    name is another. A code that goes while another of the same name comes, both the only ones of that name in
    this step, is the same place under a new code.
    """
    every: dict[str, Life] = {}
    now: dict[str, Life] = {}
    last: dict[str, Life] = {}
    for index, names in enumerate(lists):
        gone = {c: life for c, life in now.items() if c not in names}
        fresh = [c for c in names if c not in now]
        moved = _recoded(gone, fresh, names)
        then: dict[str, Life] = {}
        for code, (name, title) in sorted(names.items()):
            life = now.get(code) or moved.get(code)
            if life is None and code in last and last[code].seen[-1].name == name:
                life = last[code]
            if life is None:
                key = code if code not in every else f"{code}@{index}"
                life = every[key] = Life(key)
            life.seen.append(Seen(index, code, name, title))
            then[code] = last[code] = life
        now = then
    return sorted(every.values(), key=lambda life: life.key)


def _recoded(gone: dict[str, Life], fresh: list[str], names: dict[str, tuple[str, str]]) -> dict[str, Life]:
    """New code -> the place that had the same name under a code that went in this step."""
    old: dict[str, list[Life]] = {}
    for life in gone.values():
        old.setdefault(life.seen[-1].name, []).append(life)
    new: dict[str, list[str]] = {}
    for code in fresh:
        new.setdefault(names[code][0], []).append(code)
    return {
        codes[0]: old[name][0]
        for name, codes in new.items()
        if len(codes) == 1 and len(old.get(name, ())) == 1
    }
