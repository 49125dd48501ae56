"""Migrations of the catalogue: ``archive.adapters.catalogue_database`` runs them on its connection."""

from alembic import context

from archive.adapters.catalogue_schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
