"""Records that no key at hand opens are counted: an answer says how many it could not look at."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "unopened",
        sa.Column("record", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("state", sa.String(), nullable=False),
    )
