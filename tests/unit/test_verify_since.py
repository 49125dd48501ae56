"""Going on from an earlier verification: what came later, about what was verified before, is held against it."""

import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import pytest

from archive.core import layout, signed_note
from archive.core.canonical import encode
from archive.errors import FormatError, UsageError
from archive.ledger.checks import Question, Verification
from archive.ledger.resume import Resume
from archive.ports import ReadPlaces
from archive.services.verify import verify
from schemas.report import VerificationReport
from tests.attacks import filled, names, newest_note, restore, sealed_twice, snapshot
from tests.ledger_kit import ORIGIN, Kit, item_draft


def places(kit: Kit) -> ReadPlaces:
    return ReadPlaces(kit.archive, kit.control, kit.vaults)


def kept(kit: Kit, level: int = 0) -> Resume:
    """The file of a verification that found nothing, read back."""
    held: list[Resume] = []
    verify(places(kit), Question(level=level), keep=held.append)  # type: ignore[arg-type]
    return Resume.from_bytes(held[0].to_bytes())


def onward(kit: Kit, since: Resume, **question: Any) -> VerificationReport:
    return Verification(places(kit), Question(level=0, **question), since=since).run()


def false_note(kit: Kit, size: int) -> bytes:
    text = signed_note.Checkpoint(ORIGIN, size, bytes(32)).text()
    return signed_note.sign(text, ORIGIN, kit.log_key)


def test_a_false_checkpoint_below_the_state_is_a_fork() -> None:
    kit = filled()
    since = kept(kit)
    size = since.state.segments[1].end
    assert onward(kit, since).exit_code == 0
    forged = false_note(kit, size)
    kit.archive.objects[layout.checkpoint(size, sha256(forged).hexdigest())] = forged
    report = onward(kit, since)
    assert [(f.kind, f.index) for f in report.findings] == [("fork", size - 1)]


def test_an_older_head_is_compared_and_a_false_one_is_a_fork() -> None:
    kit = filled()
    head = newest_note(kit)
    kit.append(kit.ledger(), "ingest", item_draft("later"))
    since = kept(kit)
    report = onward(kit, since, heads=[("older", head)])
    assert (report.exit_code, [f.kind for f in report.findings]) == (0, ["older_head"])
    assert report.newest_head_time is not None
    report = onward(kit, since, heads=[("false", false_note(kit, since.state.segments[1].end))])
    assert (report.exit_code, [f.kind for f in report.findings]) == (3, ["fork"])


def test_checkpoints_that_were_compared_are_not_read_again() -> None:
    kit = filled()
    since = kept(kit)
    first = names(kit.archive, layout.CHECKPOINTS)[0]
    assert since.settled >= {first}
    kit.archive.objects[first] = b"no longer looked at"
    assert onward(kit, since).exit_code == 0
    assert kit.verify(0).exit_code == 3


@pytest.mark.parametrize("place", ["segments", "commits", "keys"])
def test_what_was_verified_earlier_must_still_be_there(place: str) -> None:
    kit = filled()
    since = kept(kit)
    store = {"segments": kit.archive, "commits": kit.control, "keys": kit.vaults[1]}[place]
    gone = names(store, place)[1]
    kit.append(kit.ledger(), "ingest", item_draft("later"))
    del store.objects[gone]
    report = onward(kit, since)
    assert (report.exit_code, report.since) == (3, 0), "all of it is verified anew"
    assert report.findings[0].kind == "missing"
    assert "earlier verification saw" in report.findings[0].text


def test_another_history_is_judged_by_itself() -> None:
    """As after a restore that gave up what no mirror held: what lies here is whole, and not what was seen."""
    kit = filled()
    before = snapshot(kit)
    kit.append(kit.ledger(), "ingest", item_draft("given up"))
    since = kept(kit)
    restore(kit, before)
    kit.append(kit.ledger(), "ingest", item_draft("instead"), item_draft("and more"))
    report = onward(kit, since)
    assert {finding.kind for finding in report.findings} == {"fork", "missing"}
    assert all("verified anew" in finding.text for finding in report.findings)
    assert report.sealed_size == report.size, "the checkpoints that lie here are good"


def test_it_says_no_more_than_was_read() -> None:
    kit = filled()
    since = kept(kit)
    assert "not read again" in onward(kit, since).intact
    assert kit.verify(0).intact.startswith("INTACT: nothing")


def test_a_state_of_a_lower_level_does_not_vouch_for_a_higher_one() -> None:
    kit = filled(1)
    since = kept(kit, 0)
    with pytest.raises(UsageError, match="level 0"):
        verify(places(kit), Question(level=1), since=since)
    deep = kept(kit, 1)
    held: list[Resume] = []
    verify(places(kit), Question(level=0), since=deep, keep=held.append)
    assert held[0].level == 0


def summed(file: Any) -> bytes:
    """The bytes of a file that bears itself out, whatever it says."""
    if not isinstance(file, dict):
        return encode(file)
    rest = {name: value for name, value in file.items() if name != "sha256"}
    return encode({**rest, "sha256": sha256(encode(rest)).hexdigest()})


@pytest.mark.parametrize("at", range(0, 100, 7))
def test_a_bit_flipped_in_a_state_accuses_no_archive(at: int) -> None:
    """A key page that "the earlier verification saw" was gone, of an archive that is whole."""
    data = bytearray(kept(filled(1)).to_bytes())
    data[len(data) * at // 100] ^= 1
    with pytest.raises(FormatError):
        Resume.from_bytes(bytes(data))


def test_a_state_of_the_version_before_goes_on() -> None:
    kit = filled(1)
    file = json.loads(kept(kit).to_bytes())
    del file["sha256"]
    with pytest.raises(FormatError, match="damaged"):
        Resume.from_bytes(encode(file))
    assert onward(kit, Resume.from_bytes(encode({**file, "version": 3}))).exit_code == 0


BROKEN = (None, 5, -1, "x", [], {}, [[1, 2, 3]])


@pytest.mark.parametrize("inner", [False, True])
def test_a_damaged_state_is_told_and_stops_nothing(inner: bool) -> None:
    kit = filled(1)
    outer = json.loads(kept(kit).to_bytes())
    state = json.loads(outer["state"])
    for name in state if inner else outer:
        for value in BROKEN:
            changed = (
                {**outer, "state": encode({**state, name: value}).decode()}
                if inner
                else {**outer, name: value}
            )
            try:
                since = Resume.from_bytes(summed(changed))
            except FormatError:
                continue
            onward(kit, since)  # a report, whatever it says


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a JSON value, outer ones first."""
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield from leaves(one, (*path, key))


def with_another(value: Any, path: tuple[Any, ...], other: Any) -> Any:
    """A copy of a JSON value with something else at one place."""
    if not path:
        return other
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = with_another(value[path[0]], path[1:], other)
    return copy


@pytest.mark.parametrize("other", BROKEN)
def test_a_wrong_type_at_any_place_of_a_state_is_told(other: Any) -> None:
    kit = filled(1)
    outer = json.loads(kept(kit).to_bytes())
    state = json.loads(outer["state"])
    for part, whole in ((outer, False), (state, True)):
        for path in leaves(part):
            changed = with_another(part, path, other)
            file = {**outer, "state": encode(changed).decode()} if whole else changed
            try:
                since = Resume.from_bytes(summed(file))
            except FormatError:
                continue
            onward(kit, since)  # a value that may be; a report, whatever it says


def test_what_is_committed_and_not_sealed_is_no_fork_the_next_time() -> None:
    """Where another account seals: the state ends beyond the newest checkpoint, and nobody signs at its size."""
    kit = filled(1)
    ledger = kit.ledger(sealer=False)
    kit.append(ledger, "legal", kit.matter_draft("M-1"))
    since = kept(kit)
    assert since.state.size > since.state.sealed
    assert onward(kit, since).findings == ()
    kit.append(ledger, "legal", kit.matter_draft("M-2"))
    kit.append(kit.ledger(), "ingest", item_draft("sealed with it"))
    assert onward(kit, since).findings == ()
    forged = false_note(kit, since.state.size + 1)
    kit.archive.objects[layout.checkpoint(since.state.size + 1, sha256(forged).hexdigest())] = forged
    assert [f.kind for f in onward(kit, since).findings] == ["fork"]


@pytest.mark.parametrize("gone", [False, True], ids=["rotten", "gone"])
@pytest.mark.parametrize("prefix", [layout.CHECKPOINTS, layout.COMMITS])
def test_damage_where_the_state_ends_is_no_forgery(prefix: str, gone: bool) -> None:
    kit = filled(1)
    since = kept(kit)
    store = kit.archive if prefix == layout.CHECKPOINTS else kit.control
    name = names(store, prefix)[-1]
    body = store.objects.pop(name)
    if not gone:
        store.objects[name] = body[:-9] + b"!" + body[-8:]
    said = {one.kind for one in onward(kit, since).findings if one.severity != "note"}
    due = {layout.CHECKPOINTS: {"missing"}, layout.COMMITS: {"rolled_back"}}[prefix] if gone else {"altered"}
    assert said == due


def test_a_key_page_that_lies_under_another_generation_is_gone() -> None:
    kit = filled(1)
    since = kept(kit)
    kit.append(kit.ledger(), "ingest", item_draft("later"))
    for vault in kit.vaults:
        name = next(
            n for n in names(vault, layout.KEYS) if n.split("/")[1] in since.batches and "content" in n
        )
        vault.objects[name[:-1] + "7"] = vault.objects.pop(name)
    report = onward(kit, since)
    assert report.exit_code == 3
    assert "1 key pages of vault copy 1 that the earlier verification saw are gone" in report.findings[0].text


def test_a_record_that_is_sealed_a_second_time_after_the_state_is_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held: list[Resume] = []
    kit = sealed_twice(monkeypatch, lambda kit: held.append(kept(kit)))
    said = [one.text for one in onward(kit, held[0]).findings if one.kind == "altered"]
    assert any("was sealed a second time" in text for text in said)
