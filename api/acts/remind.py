"""每日提醒: what each officer has to see to, and the copy of it that is kept for the day."""

from __future__ import annotations

import json
import os
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from api.security.person import Person
from geo.approvals import digest as rules
from geo.approvals.digest import Digest, Officer
from geo.settings import ROOT
from geo.store import punctuality

#: How long the copies of days are kept.
KEPT_DAYS = 60


def digest_of(session: Session, actor: Person, on: date) -> Digest:
    """What one officer is reminded of, as he is now."""
    own = Officer(actor.id, actor.login, actor.name, actor.roles)
    others = [o for o in punctuality.officers(session, actor.district) if o.id != actor.id]
    found = rules.digests(duties(session, actor.district, on), [own, *others], on)
    return next(d for d in found if d.officer.id == actor.id)


def digests(session: Session, district: str, on: date) -> list[Digest]:
    """What every officer of the district is reminded of."""
    return rules.digests(duties(session, district, on), punctuality.officers(session, district), on)


def duties(session: Session, district: str, on: date) -> list[rules.DueDuty]:
    """Running limits that are over, due today, or due soon."""
    return punctuality.due_duties(session, district, on + timedelta(days=rules.AHEAD_DAYS))


def room() -> Path:
    """Where the copies lie: var/digests."""
    return Path(os.environ.get("YUDI_VAR", ROOT / "var")) / "digests"


def keep(found: list[Digest], on: date) -> Path:
    """Write the day's digests, whole or not at all, and take away those of long ago."""
    folder = room()
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{on.isoformat()}.json"
    whole = {"day": on.isoformat(), "officers": [rules.as_json(d) for d in found if not d.empty]}
    fresh = target.with_suffix(".part")
    fresh.write_text(json.dumps(whole, ensure_ascii=False, indent=1), encoding="utf-8")
    fresh.chmod(0o640)
    fresh.replace(target)
    oldest = (on - timedelta(days=KEPT_DAYS)).isoformat()
    for path in folder.glob("????-??-??.json"):
        if path.stem < oldest:
            path.unlink(missing_ok=True)
    return target
