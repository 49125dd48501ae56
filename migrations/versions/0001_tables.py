"""The tables of the catalogue."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("record", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("record", name=op.f("pk_accounts")),
    )
    op.create_index(op.f("ix_accounts_id_record"), "accounts", ["id", "record"], unique=False)
    op.create_table(
        "attachments",
        sa.Column("record", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("media_type", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.String(), nullable=True),
        sa.Column("capture", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("record", "number", name=op.f("pk_attachments")),
    )
    op.create_index(op.f("ix_attachments_sha256"), "attachments", ["sha256"], unique=False)
    op.create_table(
        "captures",
        sa.Column("record", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("record", name=op.f("pk_captures")),
    )
    op.create_index(op.f("ix_captures_id_record"), "captures", ["id", "record"], unique=False)
    op.create_table(
        "holds",
        sa.Column("record", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("record", name=op.f("pk_holds")),
    )
    op.create_index(op.f("ix_holds_id_record"), "holds", ["id", "record"], unique=False)
    op.create_table(
        "items",
        sa.Column("record", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sealed", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("via", sa.Text(), nullable=False),
        sa.Column("thread", sa.Text(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("author_account", sa.Text(), nullable=True),
        sa.Column("moment", sa.BigInteger(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=True),
        sa.Column("edited", sa.Boolean(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("raw_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("capture", sa.String(), nullable=True),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("record", name=op.f("pk_items")),
    )
    op.create_index(op.f("ix_items_key"), "items", ["key"], unique=False)
    op.create_index(
        op.f("ix_items_thread_moment_record"), "items", ["thread", "moment", "record"], unique=False
    )
    op.create_table(
        "matters",
        sa.Column("record", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("record", name=op.f("pk_matters")),
    )
    op.create_index(op.f("ix_matters_id_record"), "matters", ["id", "record"], unique=False)
    op.create_table(
        "parties",
        sa.Column("record", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("record", name=op.f("pk_parties")),
    )
    op.create_index(op.f("ix_parties_id_record"), "parties", ["id", "record"], unique=False)
    op.create_table(
        "party_accounts",
        sa.Column("record", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("party", sa.String(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("start", sa.String(), nullable=True),
        sa.Column("end", sa.String(), nullable=True),
        sa.Column("use", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("record", "number", name=op.f("pk_party_accounts")),
    )
    op.create_index(op.f("ix_party_accounts_account"), "party_accounts", ["account"], unique=False)
    op.create_table(
        "persons",
        sa.Column("record", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("record", name=op.f("pk_persons")),
    )
    op.create_index(op.f("ix_persons_id_record"), "persons", ["id", "record"], unique=False)
    op.create_table(
        "position",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("records", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_position")),
    )
    op.create_table(
        "productions",
        sa.Column("record", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("record", name=op.f("pk_productions")),
    )
    op.create_index(op.f("ix_productions_id_record"), "productions", ["id", "record"], unique=False)
    op.create_table(
        "releases",
        sa.Column("record", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("record", name=op.f("pk_releases")),
    )
    op.create_index(op.f("ix_releases_id_record"), "releases", ["id", "record"], unique=False)
    op.create_table(
        "run_files",
        sa.Column("record", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("capture", sa.String(), nullable=True),
        sa.Column("member", sa.Text(), nullable=False),
        sa.Column("channel", sa.String(), nullable=True),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("read", sa.BigInteger(), nullable=False),
        sa.Column("failed", sa.BigInteger(), nullable=False),
        sa.Column("excluded", sa.BigInteger(), nullable=False),
        sa.Column("items", sa.BigInteger(), nullable=False),
        sa.Column("seen_again", sa.BigInteger(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("record", "number", name=op.f("pk_run_files")),
    )
    op.create_table(
        "runs",
        sa.Column("record", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("record", name=op.f("pk_runs")),
    )
    op.create_index(op.f("ix_runs_id_record"), "runs", ["id", "record"], unique=False)
    op.create_table(
        "selections",
        sa.Column("record", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("matter", sa.String(), nullable=False),
        sa.Column("item", sa.BigInteger(), nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("person", sa.String(), nullable=True),
        sa.Column("search", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("record", "number", name=op.f("pk_selections")),
    )
    op.create_index(op.f("ix_selections_item"), "selections", ["item"], unique=False)
    op.create_index(
        op.f("ix_selections_matter_item_record"), "selections", ["matter", "item", "record"], unique=False
    )
    op.create_table(
        "sightings",
        sa.Column("record", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("item", sa.BigInteger(), nullable=False),
        sa.Column("capture", sa.String(), nullable=False),
        sa.Column("member", sa.Text(), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=True),
        sa.Column("end", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("record", "number", name=op.f("pk_sightings")),
    )
    op.create_index(op.f("ix_sightings_item"), "sightings", ["item"], unique=False)
    op.create_table(
        "targets",
        sa.Column("record", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("relation", sa.String(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("record", "number", name=op.f("pk_targets")),
    )
    op.create_index(op.f("ix_targets_key"), "targets", ["key"], unique=False)
    op.create_table(
        "threads",
        sa.Column("record", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("record", name=op.f("pk_threads")),
    )
    op.create_index(op.f("ix_threads_id_record"), "threads", ["id", "record"], unique=False)
    position = sa.table("position", sa.column("id", sa.Integer), sa.column("records", sa.BigInteger))
    op.bulk_insert(position, [{"id": 1, "records": 0}])
