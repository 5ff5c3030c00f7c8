"""Alembic's entry point: runs the migrations on the connection that `api/store.py` hands over."""

from __future__ import annotations

from alembic import context


def run() -> None:
    """Run the migrations in one transaction."""
    connection = context.config.attributes["connection"]
    context.configure(connection=connection, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()


run()
