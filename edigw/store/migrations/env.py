"""Alembic's entry: works on the connection that `run.upgrade` hands over, in its transaction."""

from alembic import context

from edigw.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,  # on SQLite too: the connection begins its transactions itself
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
