"""Statements found in items, what people decided about them, and the lexicon that found them."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("position", sa.Column("lexicon", sa.String(), nullable=True))
    op.create_table(
        "statements",
        sa.Column("record", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("modality", sa.String(), nullable=False),
        sa.Column("strength", sa.Integer(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("answers", sa.BigInteger(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("record", "number", name=op.f("pk_statements")),
    )
    op.create_index(op.f("ix_statements_kind_modality"), "statements", ["kind", "modality"], unique=False)
    op.create_index(op.f("ix_statements_answers"), "statements", ["answers"], unique=False)
    op.create_table(
        "statement_decisions",
        sa.Column("record", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("item", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("record", name=op.f("pk_statement_decisions")),
    )
    op.create_index(op.f("ix_statement_decisions_item"), "statement_decisions", ["item"], unique=False)
