"""Alembic migrations, each hand-read, with its SQL in a file of the same name."""
