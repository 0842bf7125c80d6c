"""
What Alembic runs for each command: the revisions, inside the transaction that ``server.migrate`` opened.

Alembic runs this file by its path, outside the package; connection and tables come as attributes of the configuration.
"""

from __future__ import annotations

from alembic import context

attributes = context.config.attributes
context.configure(connection=attributes["connection"], target_metadata=attributes["metadata"])
with context.begin_transaction():
    context.run_migrations()
