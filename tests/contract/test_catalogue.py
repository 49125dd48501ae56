"""What a catalogue answers, on SQLite and, where a URL is given, on PostgreSQL."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Boolean, Integer, LargeBinary, MetaData, create_engine, insert, select, update

from archive.adapters.catalogue_database import REVISION, alembic_config, migrations, open_database
from archive.adapters.catalogue_rows import LONGEST_BODY
from archive.adapters.catalogue_schema import metadata
from archive.adapters.catalogue_sql import SqlCatalogue
from archive.catalogue import Catalogue, Fate, ReadBy, Standing
from archive.errors import ArchiveError, Outdated, SettingsError, Unreachable
from archive.services.added import LATEST
from schemas.capture import Capture, FileCount, RunReport, Sighting
from schemas.entry import Entry
from schemas.item import Attachment, Body, Deleted, Edited, Raw, Target
from schemas.matter import (
    ExportOptions,
    Hold,
    HoldRelease,
    Matter,
    Party,
    PartyAccount,
    Person,
    Production,
    Scope,
    Selection,
)
from tests.entries import account, entries, item, key, thread
from tests.servers.postgresql import PostgreSQL


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """An empty place for a catalogue."""
    if request.param == "sqlite":
        return tmp_path / "catalogue.db"
    server: PostgreSQL = request.getfixturevalue("postgresql")
    return server.new_database()


@pytest.fixture
def catalogue(place: Path | str) -> Iterator[Catalogue]:
    made = SqlCatalogue(place)
    yield made
    made.close()


SHA = "ab" * 32
CAPTURE = Capture(
    id="C1", source="import", method="export", origin="chat.zip", received="2024-01-01T00:00:00Z",
    length=3, sha256=SHA, kept="whole", tool="beleg/0.1",
)  # fmt: skip
RUN = RunReport(
    id="R1", source="import", started="2024-01-01T00:00:00Z", ended="2024-01-01T00:00:01Z", outcome="done",
    tool="beleg/0.1", parsers=("test/1",), settings_sha256=SHA,
    files=(FileCount(member="chat.txt", units=5, read=4, failed=1, items=4),),
)  # fmt: skip
PRODUCTION = Production(
    id="E-1", matter="M-1", selection=((3, "hit"),), size=20, options=ExportOptions(),
    renderers=(("pdf", "1"),), data_sha256=SHA, created="2024-01-01T00:00:00Z",
)  # fmt: skip


def hold(id_: str) -> Hold:
    return Hold(
        id=id_, matter="M-1", reason="Klage", scope=Scope(query="garantie"), review="2027-01-01",
        placed="2024-01-01T00:00:00Z",
    )  # fmt: skip


OF_M3 = (Target(relation="of", key=key("m3")),)
CORPUS = entries(
    [
        account("anna", "Anna"),  # 0
        thread("chat-1", "Pumpe 7"),  # 1
        CAPTURE,  # 2
        item("Fünf Jahre Garantie", id="m3", at="2021-01-01T10:00:00Z", author="Anna Weber"),  # 3
        item(
            "Gut\x00", id="m4", at="2021-01-01T09:00:00Z", targets=(Target(relation="reply", key=key("m3")),)
        ),
        item(
            "Drei Jahre", id="e5", event="edited", edited=Edited(), at="2021-01-02T10:00:00Z", targets=OF_M3
        ),
        item(
            None,
            id="d6",
            event="deleted",
            deleted=Deleted(by="author"),
            at="2021-01-03T10:00:00Z",
            targets=OF_M3,
        ),
        item("ohne Zeit", id="m7"),  # 7
        item("Fünf Jahre Garantie", id="m3", via="bert", at="2021-01-01T10:00:00Z"),  # 8: a twin
        item(
            "mail",
            id="m9",
            channel="email",
            form="mail",
            chat="inbox",
            at="2020-01-01T00:00:00Z",
            attachments=(
                Attachment(name="Vertrag.pdf", state="present", sha256=SHA, capture="C1", length=3),
            ),
        ),  # 9
        None,  # 10
        Sighting(capture="C2", member="chat.txt", ranges=((3, 10, 20), (4, None, None))),  # 11
        RUN,  # 12
        Matter(id="M-1", title="Pumpe", reason="Klage"),  # 13
        Matter(id="M-2", title="Andere", reason="Frage"),  # 14
        Selection(matter="M-1", items=(3, 4), decision="hit", search="garantie", person="P-1"),  # 15
        Selection(matter="M-1", items=(4,), decision="removed", note="doch nicht"),  # 16
        Selection(matter="M-2", items=(4,), decision="context"),  # 17
        Matter(id="M-1", title="Pumpe 7", reason="Klage", status="closed"),  # 18
        hold("H-1"),  # 19
        hold("H-2"),  # 20
        HoldRelease(hold="H-1", reason="Vergleich", released="2025-01-01T00:00:00Z"),  # 21
        Party(id="Y-1", name="Anna", accounts=(PartyAccount(account=key("old")),)),  # 22
        Party(id="Y-1", name="Anna Weber", accounts=(PartyAccount(account=key("anna")),)),  # 23
        Person(id="P-1", name="Kim", role="legal", writer="w1"),  # 24
        PRODUCTION,  # 25
        account("anna", "Anna Weber"),  # 26
    ]
)


def indexes(listed: Any) -> list[int]:
    return [found.index for found in listed]


def test_items_come_back_without_their_evidence(catalogue: Catalogue) -> None:
    catalogue.apply(CORPUS)
    for entry in CORPUS:
        listed = catalogue.item(entry.index)
        if entry.kind != "item":
            assert listed is None
            continue
        assert listed is not None
        bare = entry.body.model_copy(update={"raw": Raw(member="chat.txt", slice=b"")})  # type: ignore[union-attr]
        assert (listed.item, listed.sealed, listed.whole) == (bare, entry.time, True)
    assert indexes(catalogue.items([9, 1, 3, 999])) == [9, 3]
    assert indexes(catalogue.items(range(2000))) == [3, 4, 5, 6, 7, 8, 9]


def test_a_long_body_stays_in_the_ledger(catalogue: Catalogue) -> None:
    catalogue.apply(entries([item("x", body=Body(type="text/html", content="x" * (LONGEST_BODY + 1)))]))
    listed = catalogue.item(0)
    assert listed
    assert (listed.item.body, listed.whole) == (None, False)


def test_counts(catalogue: Catalogue) -> None:
    catalogue.apply(CORPUS)
    found = {(c.channel, c.event, c.form): c for c in catalogue.counts()}
    assert {kind: c.items for kind, c in found.items()} == {
        ("email", "posted", "mail"): 1,
        ("whatsapp", "deleted", "message"): 1,
        ("whatsapp", "edited", "message"): 1,
        ("whatsapp", "posted", "message"): 4,
    }
    posted = found["whatsapp", "posted", "message"]
    assert (posted.first, posted.last) == (1609491600, 1609495200)


def test_threads_in_order_with_context(catalogue: Catalogue) -> None:
    catalogue.apply(CORPUS)
    order = [4, 3, 8, 5, 6, 7]
    page = catalogue.thread(key("chat-1"), limit=100)
    assert (indexes(page.items), page.before, page.after) == (order, 0, 0)
    page = catalogue.thread(key("chat-1"), limit=2, offset=1)
    assert (indexes(page.items), page.before, page.after) == ([3, 8], 1, 3)
    for place, index in enumerate(order):
        page = catalogue.context(index, before=1, after=2)
        first = max(0, place - 1)
        assert indexes(page.items) == order[first : place + 3]
        assert (page.before, page.after) == (first, max(0, len(order) - place - 3))
    assert catalogue.context(1, before=1, after=1).items == ()
    assert [(one.key, one.title) for one in catalogue.threads()] == [(key("chat-1"), "Pumpe 7")]


def test_versions_replies_and_sightings(catalogue: Catalogue) -> None:
    catalogue.apply(CORPUS)
    for index in (3, 5, 6, 8):
        assert indexes(catalogue.versions(index)) == [3, 8, 5, 6]
    assert indexes(catalogue.versions(4)) == [4]
    assert catalogue.versions(1) == ()
    for some in ([3], [5, 4], [1], [], list(range(12))):
        assert catalogue.about(some) == {one.index for index in some for one in catalogue.versions(index)}
    assert indexes(catalogue.replies(3)) == [4]
    assert catalogue.sightings(3) == (Sighting(capture="C2", member="chat.txt", ranges=((3, 10, 20),)),)
    assert catalogue.attached(SHA) == (9,)
    third = catalogue.item(3)
    assert third is not None
    assert catalogue.of_ids(third.item.key.channel, {third.item.key.id, "nobody's"}) == (3, 8)
    assert catalogue.of_ids("mail", {third.item.key.id}) == ()


def test_the_items_of_threads(catalogue: Catalogue) -> None:
    catalogue.apply(CORPUS)
    third, mail = catalogue.item(3), catalogue.item(9)
    assert third is not None
    assert mail is not None
    chat = catalogue.of_threads({third.item.thread})
    assert 3 in chat
    assert 9 not in chat
    assert catalogue.of_threads({third.item.thread, mail.item.thread}) == chat | {9}
    assert catalogue.of_threads(()) == frozenset()


def test_by_which_reader_kept_bytes_were_last_read(catalogue: Catalogue) -> None:
    def run(parser: str, *files: FileCount) -> RunReport:
        return RUN.model_copy(update={"id": parser, "parsers": (parser,), "files": files})

    catalogue.apply(CORPUS)
    last = next(one for one in reversed(CORPUS) if isinstance(one.body, RunReport))
    last = replace(last, index=CORPUS[-1].index)
    capture = catalogue.captures()[0].id
    count = FileCount(capture=capture, member="a", channel="whatsapp", units=5, read=5, items=4, seen_again=1)
    other = count.model_copy(update={"member": "b", "items": 2, "seen_again": 0})
    gone = count.model_copy(update={"capture": "erased"})
    catalogue.apply([replace(last, index=last.index + 1, body=run("test/1", count, other, gone))])
    assert catalogue.readers(0) == {"test/1"}
    assert catalogue.read_by({"test/1"}) == (ReadBy("whatsapp", "test/1", 7),)
    catalogue.apply([replace(last, index=last.index + 2, body=run("test/2", count, other))])
    assert catalogue.readers(0) == {"test/1", "test/2"}
    assert catalogue.readers(CORPUS[-1].index + 2) == {"test/2"}
    assert catalogue.read_by({"test/1"}) == ()
    assert catalogue.read_by({"test/1", "test/2"}) == (ReadBy("whatsapp", "test/2", 7),)


def test_what_became_of_items(catalogue: Catalogue) -> None:
    catalogue.apply(CORPUS)
    assert catalogue.fates([3, 4, 5, 6, 7, 8]) == {
        3: Fate(superseded=5, deleted=6),
        5: Fate(superseded=None, deleted=6),
        8: Fate(superseded=5, deleted=6),
    }
    second_of_january = 1609545600 + 36000
    assert catalogue.fates([3, 5], until=second_of_january) == {3: Fate(superseded=5, deleted=None)}
    assert catalogue.fates([3, 5], until=second_of_january - 60000) == {}
    assert catalogue.standing(1609500000).gone == frozenset()
    assert catalogue.standing(second_of_january).gone == {3, 8}
    assert catalogue.standing(1609800000) == Standing(
        undated=frozenset(), gone=frozenset({3, 5, 8}),
        superseded=frozenset({3, 8}), deleted=frozenset({3, 5, 8}),
    )  # fmt: skip
    assert catalogue.standing(second_of_january).deleted == frozenset()
    assert catalogue.standing(LATEST).deleted == {3, 5, 8}
    assert catalogue.standing(CORPUS[7].time).undated == {7}
    assert catalogue.standing(CORPUS[7].time - 1).misdated == 0, "later, and so is all that follows"


def test_what_was_sealed_under_a_clock_that_was_ahead_is_told(catalogue: Catalogue) -> None:
    """By its own date it was not there yet; what was sealed after it says that it was."""
    ahead = replace(CORPUS[7], time=CORPUS[7].time + 10**8)
    catalogue.apply([*CORPUS[:7], ahead, *CORPUS[8:]])
    found = catalogue.standing(CORPUS[-1].time)
    assert (found.misdated, 7 in found.undated) == (1, False)
    assert catalogue.standing(CORPUS[6].time).misdated == 0
    assert catalogue.standing(ahead.time).misdated == 0
    outlines = list(catalogue.outlines([3, 9]))
    assert sorted((o.channel, o.author, o.time) for o in outlines) == [
        ("email", None, 1577836800),
        ("whatsapp", "Anna Weber", 1609495200),
    ]


def test_what_is_forgotten_is_in_no_row(catalogue: Catalogue, tmp_path: Path) -> None:
    catalogue.apply(CORPUS)
    catalogue.forget([3, 9])
    assert indexes(catalogue.items(range(30))) == [4, 5, 6, 7, 8]
    assert catalogue.position == len(CORPUS)
    assert catalogue.sightings(3) == ()
    assert catalogue.attached(SHA) == ()
    for file in tmp_path.glob("catalogue.db*"):
        assert b"Vertrag.pdf" not in file.read_bytes()


def test_decisions(catalogue: Catalogue) -> None:
    catalogue.apply(CORPUS)
    assert [(m.id, m.title, m.status) for m in catalogue.matters()] == [
        ("M-1", "Pumpe 7", "closed"),
        ("M-2", "Andere", "open"),
    ]
    assert [(s.item, s.decision, s.note, s.search, s.decided) for s in catalogue.selection("M-1")] == [
        (3, "hit", None, "garantie", 15),
        (4, "removed", "doch nicht", None, 16),
    ]
    assert [(m, s.decision) for m, s in catalogue.selected_in(4)] == [("M-1", "removed"), ("M-2", "context")]
    assert catalogue.selection("M-9") == ()
    assert [(h.id, bool(r)) for h, r in catalogue.holds()] == [("H-1", True), ("H-2", False)]
    assert [h.id for h in catalogue.active_holds()] == ["H-2"]
    assert [p.name for p in catalogue.parties()] == ["Anna Weber"]
    assert [p.id for p in catalogue.parties_of(key("anna"))] == ["Y-1"]
    assert catalogue.parties_of(key("old")) == ()
    assert [p.name for p in catalogue.persons()] == ["Kim"]
    assert [a.name for a in catalogue.accounts()] == ["Anna Weber"]
    assert (catalogue.captures(), catalogue.capture("C1"), catalogue.capture("C9")) == (
        (CAPTURE,),
        CAPTURE,
        None,
    )
    assert catalogue.runs() == (RUN,)
    assert catalogue.productions() == (PRODUCTION,)


def state(catalogue: Catalogue) -> list[object]:
    return [
        catalogue.position,
        catalogue.items(range(100)),
        catalogue.counts(),
        catalogue.threads(),
        [catalogue.versions(i) for i in range(30)],
        [catalogue.sightings(i) for i in range(30)],
        [catalogue.selection(m.id) for m in catalogue.matters()],
        [
            catalogue.holds(),
            catalogue.parties(),
            catalogue.runs(),
            catalogue.accounts(),
            catalogue.captures(),
        ],
    ]


def test_overlapping_batches_change_nothing_and_rebuilding_gives_the_same(catalogue: Catalogue) -> None:
    for start, end in ((0, 3), (0, 2), (1, 9), (3, 9), (8, 15), (0, 27), (26, 27)):
        catalogue.apply(CORPUS[start:end])
    incremental = state(catalogue)
    catalogue.reset()
    assert catalogue.position == 0
    assert catalogue.items(range(100)) == ()
    catalogue.apply(iter(CORPUS))
    assert state(catalogue) == incremental


def test_a_gap_is_refused_and_nothing_of_the_batch_stays(catalogue: Catalogue) -> None:
    catalogue.apply(CORPUS[:3])
    with pytest.raises(ArchiveError, match="at 4 and was given entry 5"):
        catalogue.apply([CORPUS[3], CORPUS[5]])
    assert catalogue.position == 3
    assert catalogue.item(3) is None


def test_a_failure_while_applying_heals(catalogue: Catalogue) -> None:
    def failing() -> Iterator[Entry]:
        yield from CORPUS[:5]
        raise OSError("the store is gone")

    with pytest.raises(OSError, match="gone"):
        catalogue.apply(failing())
    catalogue.apply(CORPUS)
    assert catalogue.position == len(CORPUS)


def test_migrations_make_the_tables_of_the_code(place: Path | str) -> None:
    engine = open_database(place)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        script = ScriptDirectory.from_config(alembic_config(connection))
        assert script.get_heads() == [REVISION]
    engine.dispose()


REVISIONS = [found.revision for found in ScriptDirectory(str(migrations())).walk_revisions()]


@pytest.mark.parametrize("revision", REVISIONS[1:])
def test_every_migration_goes_up_with_data(place: Path | str, revision: str) -> None:
    """From each older revision, with rows in every table that it has: nothing is lost, the result is today's."""
    assert REVISIONS[0] == REVISION
    url = f"sqlite:///{place}" if isinstance(place, Path) else place
    engine = create_engine(url)
    with engine.begin() as connection:
        command.upgrade(alembic_config(connection), revision)
        old = MetaData()
        old.reflect(connection)
        for table in old.sorted_tables:
            if table.name not in ("alembic_version", "position"):
                connection.execute(insert(table).values({c.name: _some(c.type) for c in table.columns}))
        connection.execute(update(old.tables["position"]).values(records=7))
        before = {t.name: connection.execute(select(t)).mappings().all() for t in old.sorted_tables}
    engine.dispose()
    made = SqlCatalogue(place)
    assert made.position == 7
    made.close()
    engine = create_engine(url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        for table in metadata.sorted_tables:
            rows = connection.execute(select(table)).mappings().all()
            for old_row, row in zip(before.get(table.name, []), rows, strict=True):
                assert {name: row[name] for name in old_row} == dict(old_row)
    engine.dispose()


def _some(kind: object) -> object:
    values = ((LargeBinary, b"x"), (Integer, 1), (Boolean, True))
    return next((value for column, value in values if isinstance(kind, column)), "x")


def test_a_crash_while_migrating_leaves_nothing(place: Path | str, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("alembic.operations.Operations.bulk_insert", lambda *a, **k: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            SqlCatalogue(place)
    made = SqlCatalogue(place)
    assert made.position == 0
    made.close()


def test_a_newer_catalogue_asks_for_a_rebuild(tmp_path: Path) -> None:
    place = tmp_path / "catalogue.db"
    SqlCatalogue(place).close()
    with sqlite3.connect(place) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(Outdated, match="beleg rebuild catalogue"):
        SqlCatalogue(place)


def test_a_url_that_is_none() -> None:
    with pytest.raises(SettingsError, match="postgresql"):
        SqlCatalogue("no url")


def test_a_database_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match="cannot be read or written"):
        SqlCatalogue(f"postgresql+pg8000://beleg@/x?unix_sock={tmp_path}/.s.PGSQL.1")
    with pytest.raises(Unreachable):
        SqlCatalogue(f"postgresql://beleg@/x?unix_sock={tmp_path}/.s.PGSQL.1")
    with pytest.raises(SettingsError, match="postgresql://user@host"):
        SqlCatalogue("mysql://beleg@host/x")


def test_texts_of_every_kind_survive_bulk_writes(catalogue: Catalogue) -> None:
    odd = "a\\b\tc\nd\re\\N \\. \x00 👍🏽 \u202e \x7f %s :x"
    catalogue.apply(entries([item(odd, author=odd)]))
    listed = catalogue.item(0)
    assert listed
    assert listed.item.text == odd
    [outline] = catalogue.outlines([0])
    assert outline.author == odd.replace("\x00", "\ufffd")


def test_two_writers_follow_each_other(place: Path | str) -> None:
    one, two = SqlCatalogue(place), SqlCatalogue(place)
    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(catalogue.apply, CORPUS) for catalogue in (one, two)]:
            done.result()
    assert indexes(one.items(range(30))) == [3, 4, 5, 6, 7, 8, 9]
    assert two.position == len(CORPUS)
    one.close()
    two.close()
