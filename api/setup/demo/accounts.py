"""Demonstration accounts (演示账号): roles, never people; random passwords, kept only in var/demo-accounts.json."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from api.security import passwords
from geo.settings import ROOT, DistrictSettings
from geo.store import people
from geo.store.tables import Organisation, User
from geo.terms import UserRole as R

#: Letters that nobody mistakes for one another when copying from a terminal.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"

FIRM, SECOND_FIRM = "演示测绘公司（虚构）", "演示测绘二队（虚构）"
BUILDER, CITIZENS, TOWNSHIP = "演示建设公司（虚构）", "演示居民（虚构）", "township"
OPERATOR = "演示养老服务机构（虚构）"
#: Organisation of the records that are facts: it and its account stay when the demonstration goes.
SYSTEM = "舆地系统"


@dataclass(frozen=True, slots=True)
class Account:
    """演示账号: what `up` prints."""

    login: str
    password: str
    name: str
    roles: tuple[str, ...]
    organisation: str


#: Kinds of organisations that are no firms.
KINDS = {"": "department", OPERATOR: "operator", CITIZENS: "other", TOWNSHIP: "township"}
#: login, shown name, roles, organisation ("" for the bureau).
PEOPLE: tuple[tuple[str, str, tuple[R, ...], str], ...] = (
    ("surveyor", "演示测绘员", (R.SURVEYOR,), FIRM),
    ("surveyor2", "演示测绘员二", (R.SURVEYOR,), SECOND_FIRM),
    ("township", "演示乡镇申请人", (R.APPLICANT,), TOWNSHIP),
    ("builder", "演示建设单位申请人", (R.APPLICANT,), BUILDER),
    ("citizen", "演示居民", (R.APPLICANT,), CITIZENS),
    ("acceptance", "演示受理员", (R.ACCEPTANCE_OFFICER,), ""),
    ("reviewer", "演示审核员", (R.REVIEWER,), ""),
    ("approver", "演示审批员", (R.APPROVER,), ""),
    ("registrar", "演示登记员", (R.REGISTRAR,), ""),
    ("facility", "演示设施管理员", (R.FACILITY_EDITOR,), ""),
    ("operator", "演示机构上报员", (R.FACILITY_OPERATOR,), OPERATOR),
    ("administrator", "演示系统管理员", (R.ADMINISTRATOR,), ""),
)


def store_path() -> Path:
    """var/demo-accounts.json."""
    return Path(os.environ.get("YUDI_VAR", ROOT / "var")) / "demo-accounts.json"


def drawn() -> dict[str, tuple[str, str]]:
    """A random password and its hash for each login. The hashing takes most of the time: two at once."""
    words = {
        login: "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(4))
        for login, *_ in PEOPLE
    }
    with ThreadPoolExecutor(2) as pool:
        hashes = pool.map(passwords.hash_of, words.values())
        return {login: (word, hashed) for (login, word), hashed in zip(words.items(), hashes, strict=True)}


def add(
    session: Session,
    settings: DistrictSettings,
    words: Mapping[str, tuple[str, str]],
    homes: Mapping[str, Organisation],
) -> tuple[list[Account], dict[str, User]]:
    """The demonstration's accounts, new, with the passwords drawn. homes: the townships' organisations by code; the
    applicant of a township is of the first town. Returns them and their rows by login."""
    bureau = f"{settings.name}民政局（演示）"
    towns = sorted(homes.values(), key=lambda one: "镇" not in one.name)
    made, rows = [], {}
    for login, name, roles, home in PEOPLE:
        if home == TOWNSHIP and towns:
            organisation = towns[0]
        else:
            organisation = people.organisation(
                session, home or bureau, kind=KINDS.get(home, "firm"),
                unit_code=None if home else settings.code, demo=True,
            )  # fmt: skip
        password, hashed = words[login]
        rows[login] = people.add_user(
            session, login=login, name=name, organisation=organisation,
            password_hash=hashed, roles=roles, district=settings.code, demo=True,
        )  # fmt: skip
        made.append(Account(login, password, name, tuple(r.value for r in roles), organisation.name))
    return made, rows


def system_user(session: Session) -> User:
    """The account in whose name facts are entered: nobody can log in with it, and it is no demonstration."""
    known = people.user_by_login(session, "system")
    if known is not None:
        return known
    home = people.organisation(session, SYSTEM, kind="other", unit_code=None, demo=False)
    user = User(login="system", name=SYSTEM, organisation_id=home.id, password_hash=None, active=False)
    session.add(user)
    session.flush()
    return user


def townships(session: Session, names: Mapping[str, str]) -> dict[str, Organisation]:
    """An organisation for each township's government, by code."""
    return {
        code: people.organisation(
            session,
            f"{name}{'办事处' if name.endswith('街道') else '人民政府'}（演示）",
            kind="township",
            unit_code=code,
            demo=True,
        )
        for code, name in names.items()
    }


def keep(accounts: list[Account], database: str) -> None:
    """Write the accounts where only the owner can read them. database: which one they are of."""
    path = store_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    content = json.dumps(
        {"database": database, "accounts": [asdict(a) for a in accounts]}, ensure_ascii=False, indent=1
    )
    fresh = path.with_suffix(".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(content)
    os.replace(fresh, path)


def kept(database: str) -> list[Account]:
    """The accounts of this database as kept, none where there are none."""
    try:
        content = json.loads(store_path().read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    if content.get("database") != database:
        return []
    return [Account(**(a | {"roles": tuple(a["roles"])})) for a in content["accounts"]]


def forget() -> None:
    """Remove the file."""
    store_path().unlink(missing_ok=True)
