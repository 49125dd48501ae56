"""The tables of the catalogue. ``migrations`` makes exactly these; a test compares the two.

``record`` is everywhere the ledger index. A key of a platform is one text, see ``address``. Rows are only
ever added: of a thing described twice, the later record counts.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

from schemas.item import Key

NO_TIME = 1 << 60
"""Stands for an unknown time in ``moment``, so that items without a time come last."""

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


def address(key: Key) -> str:
    """Return a key as one text: channel, scope and id."""
    return clean("\x1f".join((key.channel, key.scope, key.id)))


def key_of(address: str) -> Key:
    """Return the key of an address."""
    channel, scope, id_ = address.split("\x1f", 2)
    return Key(channel=channel, scope=scope, id=id_)


def clean(text: str) -> str:
    """Return text that every database keeps: PostgreSQL refuses a NUL."""
    return text.replace("\x00", "\ufffd")


def _record() -> Column[int]:
    return Column("record", BigInteger, primary_key=True, autoincrement=False)


def _number() -> Column[int]:
    return Column("number", Integer, primary_key=True, autoincrement=False)


position = Table(
    "position",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("records", BigInteger, nullable=False),
    Column("head", String),
    Column("lexicon", String),
)

unopened = Table(
    "unopened",
    metadata,
    _record(),
    Column("state", String, nullable=False),
)

items = Table(
    "items",
    metadata,
    _record(),
    Column("sealed", BigInteger, nullable=False),
    Column("channel", String, nullable=False),
    Column("key", Text, nullable=False),
    Column("via", Text, nullable=False),
    Column("thread", Text, nullable=False),
    Column("event", String, nullable=False),
    Column("form", String, nullable=False),
    Column("author", Text),
    Column("author_account", Text),
    Column("moment", BigInteger, nullable=False),
    Column("summary", Text),
    Column("edited", Boolean, nullable=False),
    Column("deleted", Boolean, nullable=False),
    Column("raw_sha256", LargeBinary, nullable=False),
    Column("capture", String),
    Column("whole", Boolean, nullable=False),
    Column("body", Text, nullable=False),
    Index(None, "thread", "moment", "record"),
    Index(None, "key"),
)

targets = Table(
    "targets",
    metadata,
    _record(),
    _number(),
    Column("relation", String, nullable=False),
    Column("key", Text, nullable=False),
    Index(None, "key"),
)

attachments = Table(
    "attachments",
    metadata,
    _record(),
    _number(),
    Column("name", Text),
    Column("media_type", String),
    Column("state", String, nullable=False),
    Column("role", String, nullable=False),
    Column("length", BigInteger),
    Column("sha256", String),
    Column("capture", String),
    Index(None, "sha256"),
)

sightings = Table(
    "sightings",
    metadata,
    _record(),
    _number(),
    Column("item", BigInteger, nullable=False),
    Column("capture", String, nullable=False),
    Column("member", Text, nullable=False),
    Column("start", BigInteger),
    Column("end", BigInteger),
    Index(None, "item"),
)

run_files = Table(
    "run_files",
    metadata,
    _record(),
    _number(),
    Column("capture", String),
    Column("member", Text, nullable=False),
    Column("channel", String),
    Column("units", BigInteger, nullable=False),
    Column("read", BigInteger, nullable=False),
    Column("failed", BigInteger, nullable=False),
    Column("excluded", BigInteger, nullable=False),
    Column("items", BigInteger, nullable=False),
    Column("seen_again", BigInteger, nullable=False),
    Column("problem", Text),
)

statements = Table(
    "statements",
    metadata,
    _record(),
    _number(),
    Column("kind", String, nullable=False),
    Column("modality", String, nullable=False),
    Column("strength", Integer, nullable=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("rule", String, nullable=False),
    Column("answers", BigInteger),
    Column("body", Text, nullable=False),
    Index(None, "kind", "modality"),
    Index(None, "answers"),
)
"""Found in items by the lexicon that ``position`` names."""

statement_decisions = Table(
    "statement_decisions",
    metadata,
    _record(),
    Column("item", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
    Index(None, "item"),
)

selections = Table(
    "selections",
    metadata,
    _record(),
    _number(),
    Column("matter", String, nullable=False),
    Column("item", BigInteger, nullable=False),
    Column("decision", String, nullable=False),
    Column("note", Text),
    Column("person", String),
    Column("search", Text),
    Index(None, "matter", "item", "record"),
    Index(None, "item"),
)

party_accounts = Table(
    "party_accounts",
    metadata,
    _record(),
    _number(),
    Column("party", String, nullable=False),
    Column("account", Text, nullable=False),
    Column("start", String),
    Column("end", String),
    Column("use", String, nullable=False),
    Index(None, "account"),
)


def _described(name: str) -> Table:
    """Return a table of things that a record describes as a whole: ``id`` names the thing."""
    return Table(
        name,
        metadata,
        _record(),
        Column("id", Text, nullable=False),
        Column("body", Text, nullable=False),
        Index(None, "id", "record"),
    )


accounts = _described("accounts")
threads = _described("threads")
captures = _described("captures")
runs = _described("runs")
matters = _described("matters")
parties = _described("parties")
persons = _described("persons")
holds = _described("holds")
releases = _described("releases")
productions = _described("productions")
