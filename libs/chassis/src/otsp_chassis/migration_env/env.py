"""Alembic's entry for every service: the connection and the metadata come from `migrate.py`."""

from alembic import context

# Without a connection the SQL is only written down.
connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    dialect_name=None if connection else "postgresql",
    target_metadata=context.config.attributes["metadata"],
    transaction_per_migration=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
