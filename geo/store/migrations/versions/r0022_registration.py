"""People who register themselves: their phone, and the organisation that they say they apply for."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0022"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    connection = op.get_bind().connection.driver_connection
    assert connection is not None
    connection.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    raise RuntimeError("people's accounts are never dropped: restore a backup instead")
