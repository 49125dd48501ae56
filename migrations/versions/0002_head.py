"""The position names the record it ends with, so that another ledger of equal size is noticed."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("position", sa.Column("head", sa.String(), nullable=True))
