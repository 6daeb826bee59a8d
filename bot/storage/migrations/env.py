"""Runs the scripts on the connection, and in the transaction, that `migrate` hands over."""

from alembic import context

from bot.storage import community, tables  # noqa: F401 - both put their tables there
from bot.storage.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
)
context.run_migrations()
