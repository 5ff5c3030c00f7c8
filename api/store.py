"""Brings the database's schema up to date with Alembic before any store is opened."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine, create_engine, inspect, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from retrieval.errors import DatabaseUnavailableError

MIGRATIONS = Path(__file__).parent / "migrations"
# The newest migration; opening an up-to-date database costs one query and does not import Alembic.
HEAD = "0003"


def upgrade(database_url: str) -> None:
    """Create or upgrade the schema, in one transaction where the database allows it.

    Raises DatabaseUnavailableError when the database cannot be opened, or was written by a newer program.
    """
    masked = make_url(database_url).render_as_string(hide_password=True)
    try:
        engine = create_engine(database_url, connect_args=_arguments(database_url))
        try:
            if _revision(engine) != HEAD:
                _migrate(engine)
        finally:
            engine.dispose()
    except SQLAlchemyError as error:
        raise DatabaseUnavailableError(masked, str(getattr(error, "orig", None) or error)) from error


def _arguments(database_url: str) -> dict[str, float]:
    # Two programs started at once: the second waits for the first one's migration.
    return {"timeout": 30.0} if database_url.startswith("sqlite") else {}


def _revision(engine: Engine) -> str | None:
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _migrate(engine: Engine) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            # Takes the write lock at once, so that two programs cannot both see an old schema and upgrade it.
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")
            connection.commit()
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.exec_driver_sql("SELECT pg_advisory_lock(760073)")
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            url = engine.url.render_as_string(hide_password=True)
            raise DatabaseUnavailableError(
                url, f"its schema is of another version of TermRoute: {error}"
            ) from error
        finally:
            connection.commit()
            if engine.dialect.name != "sqlite":
                connection.exec_driver_sql("SELECT pg_advisory_unlock(760073)")
