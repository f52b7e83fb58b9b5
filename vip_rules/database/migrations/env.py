"""Alembic runs this to migrate: on the connection that it is given, in whose transaction everything happens."""

from alembic import context

from vip_rules.database.tables import metadata

# The name under which Alembic runs it; whoever merely imports it migrates nothing.
if __name__ == "env_py":
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=metadata,
        render_as_batch=True,
        transactional_ddl=False,
    )
    context.run_migrations()
