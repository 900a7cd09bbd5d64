"""The Alembic environment that migrate.py runs."""
