"""Geometry of submissions is written without an attempt to pack it."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0026"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    connection = op.get_bind().connection.driver_connection
    assert connection is not None
    connection.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    raise RuntimeError("rows written meanwhile stay as they are: restore a backup instead")
