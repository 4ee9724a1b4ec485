"""Foundation: tables, the rules that the database itself keeps, the queue, published views, roles.

The SQL lies beside this file so that it can be read and explained as SQL:
r0001_tables.sql (tables, constraints, indexes), r0001_rules.sql (triggers), r0001_published.sql (what the
public sees), r0001_grants.sql (roles). The queue's schema is the installed procrastinate's own.
"""

from __future__ import annotations

from pathlib import Path

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

HERE = Path(__file__).resolve().parent


def upgrade() -> None:
    run((HERE / "r0001_tables.sql").read_text(encoding="utf-8"))
    run(SchemaManager.get_schema())
    for name in ("r0001_rules.sql", "r0001_published.sql", "r0001_grants.sql"):
        run((HERE / name).read_text(encoding="utf-8"))


def downgrade() -> None:
    raise NotImplementedError("the foundation has nothing to go back to: restore a backup instead")


def run(sql: str) -> None:
    """Several statements as they stand, inside the migration's transaction: neither `:` nor `%` is read."""
    connection = op.get_bind().connection.driver_connection
    assert connection is not None
    connection.execute(sql)
