"""Verdicts on answers, and what a turn of a conversation offered, cited and understood."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table of feedback, and give turns their answer's id, completed question and detail."""
    op.add_column("conversation_turns", _text("answer_id", sa.String(length=32)))
    op.add_column("conversation_turns", _text("completed", sa.Text()))
    op.add_column("conversation_turns", sa.Column("detail", sa.JSON(), server_default="{}", nullable=False))
    op.create_index("turns_by_answer", "conversation_turns", ["answer_id"], unique=False)
    op.create_table(
        "feedback",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("answer_id", sa.String(length=32), nullable=False),
        sa.Column("conversation_id", sa.String(length=128), nullable=False),
        sa.Column("owner", sa.String(length=255), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("route", sa.String(length=16), nullable=False),
        sa.Column("right", sa.Boolean(), nullable=False),
        sa.Column("term", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("verdicts", sa.JSON(), nullable=False),
        sa.Column("created", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("feedback_by_conversation", "feedback", ["conversation_id", "owner"], unique=False)
    op.create_index("feedback_by_answer", "feedback", ["answer_id", "owner"], unique=False)


def downgrade() -> None:
    """Drop what the upgrade made."""
    op.drop_index("feedback_by_answer", table_name="feedback")
    op.drop_index("feedback_by_conversation", table_name="feedback")
    op.drop_table("feedback")
    op.drop_index("turns_by_answer", table_name="conversation_turns")
    for name in ("detail", "completed", "answer_id"):
        op.drop_column("conversation_turns", name)


def _text(name: str, kind: sa.types.TypeEngine[str]) -> sa.Column[str]:
    return sa.Column(name, kind, server_default="", nullable=False)
