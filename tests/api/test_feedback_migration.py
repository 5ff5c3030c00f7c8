"""A database of the first release keeps its conversations when it is brought up to date."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from api.store import MIGRATIONS, upgrade
from router.store import ConversationStore


def test_turns_of_the_first_schema_stay_readable(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'x.db'}"
    engine = sa.create_engine(url)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(
            sa.text(
                "INSERT INTO conversation_turns (conversation_id, owner, question, answer, route, status, created)"
                " VALUES ('c', 'local', 'AM?', 'x', 'term', 'answered', '2026-01-01')"
            )
        )
        connection.commit()
    engine.dispose()
    upgrade(url)
    store = ConversationStore(url)
    (turn,) = store.history("c", "local")
    assert (turn.question, turn.completed, turn.options, turn.answer_id) == ("AM?", "", (), "")
    store.close()
