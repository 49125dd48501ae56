"""The control place is lost: which of the stored segments are the ledger is found from signatures alone."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archive.core import layout
from archive.errors import AlreadyExists, FormatError, RolledBack, Unfinished, Unreachable, UsageError
from archive.ledger.drafts import clear_draft
from archive.ledger.state import LedgerState
from archive.ports import Places
from archive.services.recover import rebuild_markers
from tests.ledger_kit import ORIGIN, Kit, change, item_draft
from tests.memory_store import Crash, MemoryStore


def rebuild(kit: Kit, *chosen: str) -> dict[str, bytes]:
    """Lose the control place, make it anew; give the markers that were lost."""
    lost, kit.control = kit.control.objects, MemoryStore()
    rebuild_markers(kit.places, ORIGIN, chosen, lambda *_: None)
    return lost


def lose_commit(kit: Kit, *texts: str) -> list[str]:
    """Writers of one head that die before their marker; give the digests of their segments."""
    before = set(kit.archive.objects)
    state = kit.ledger()
    state.follow()
    saved = state.state.to_bytes()
    for text in texts:
        writer = kit.ledger(state=LedgerState.from_bytes(saved))
        writer.follow()
        writer._checked = True
        kit.control.fault = lambda call, name, when: call == "put_new" and name.startswith("commits/")
        with pytest.raises(Crash):
            writer._commit(kit.writers["ingest"], [item_draft(text)], kit.time + 1)
        kit.control.fault = lambda call, name, when: False
    return [
        name.rsplit("-", 1)[1]
        for name in kit.archive.objects
        if name not in before and name.startswith("segments/")
    ]


@pytest.fixture
def kit() -> Kit:
    kit = Kit()
    ledger = kit.found()
    for text in ("one", "two", "three"):
        kit.append(ledger, "ingest", item_draft(text))
    return kit


def test_the_markers_are_those_that_were_lost(kit: Kit) -> None:
    lost = rebuild(kit)
    assert kit.control.objects == lost
    assert kit.verify(2).exit_code == 0


@pytest.mark.parametrize("first", [2, 5])
def test_rubbish_in_place_of_a_marker_is_named_with_the_way_out(kit: Kit, first: int) -> None:
    """Of a marker that this host has seen, and of the next one; no reader and no writer goes on from it."""
    ledger = kit.ledger()
    ledger.follow()
    assert layout.marker(first) in kit.control.objects or first == ledger.state.size
    kit.control.objects[layout.marker(first)] = b"<html>"
    with pytest.raises(
        FormatError, match=rf"{layout.marker(first)} .* is no marker .*`beleg rebuild markers"
    ):
        kit.ledger().follow()
    rebuild(kit)
    assert kit.verify(2).exit_code == 0


@pytest.mark.parametrize("name", ["rubbish", "commits/rubbish", layout.marker(99)])
def test_a_place_that_holds_another_thing_is_refused(kit: Kit, name: str) -> None:
    kit.control = MemoryStore()
    kit.control.objects[name] = b"x"
    with pytest.raises(UsageError, match="not empty"):
        rebuild_markers(kit.places, ORIGIN, (), lambda *_: None)
    assert kit.control.objects == {name: b"x"}


def test_the_marker_of_another_segment_is_not_taken_for_ours(kit: Kit) -> None:
    kit.control = MemoryStore()
    kit.control.objects[layout.marker(0)] = b"x"
    with pytest.raises(AlreadyExists):
        rebuild_markers(kit.places, ORIGIN, (), lambda *_: None)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("number", range(3))
def test_one_that_broke_off_goes_on(kit: Kit, number: int, when: str) -> None:
    died = sorted(kit.control.objects)[number]
    lost, kit.control = kit.control.objects, MemoryStore()
    kit.control.fault = lambda call, name, at: (call, name, at) == ("put_new", died, when)
    with pytest.raises(Crash):
        rebuild_markers(kit.places, ORIGIN, (), lambda *_: None)
    kit.control.fault = lambda call, name, at: False
    rebuild_markers(kit.places, ORIGIN, (), lambda *_: None)
    assert kit.control.objects == lost


def test_planted_segments_and_rubbish_are_left(kit: Kit) -> None:
    stranger = Kit()
    theirs = stranger.found()
    for text in ("a", "b", "c", "d", "e"):
        stranger.append(theirs, "ingest", item_draft(text))
    planted = 0
    for name, body in stranger.archive.objects.items():
        if name.startswith("segments/") and not name.startswith(f"segments/{0:020d}"):
            kit.archive.objects[name] = body
            planted += 1
    assert planted == 5
    kit.archive.objects[layout.segment(5, "1" * 64)] = b"rubbish"
    kit.archive.objects["segments/rubbish"] = b"rubbish"
    kit.archive.objects["checkpoints/rubbish"] = b"rubbish"
    assert rebuild(kit) == kit.control.objects


def test_a_second_founding_of_the_same_name_needs_a_person(kit: Kit) -> None:
    """Nothing that lies in the place can say which founding was ours; the founding slip can."""
    stranger = Kit()
    stranger.found()
    [ours] = [name for name in kit.archive.objects if name.startswith(f"segments/{0:020d}")]
    kit.archive.objects.update(stranger.archive.objects)
    with pytest.raises(Unfinished, match="from record 0"):
        rebuild(kit)
    rebuild(kit, ours.rsplit("-", 1)[1])
    assert len(kit.control.objects) == 4


def test_what_lost_a_race_is_left_where_a_checkpoint_decides(kit: Kit) -> None:
    """Its signatures are good; the ledger went on without it, and says so under a checkpoint."""
    race = Kit()
    first, second = race.found(), race.ledger()
    raced = []

    def fault(call: str, name: str, when: str) -> bool:
        if call == "put_new" and when == "before" and name.startswith("segments/") and not raced:
            raced.append(name)
            race.append(second, "legal", race.matter_draft("M-1"))
        return False

    race.archive.fault = fault
    race.append(first, "ingest", item_draft("later"))
    race.archive.fault = lambda call, name, when: False
    assert len([name for name in race.archive.objects if name.startswith("segments/")]) > len(
        race.control.objects
    )
    assert rebuild(race) == race.control.objects


def test_a_commit_whose_writer_died_before_the_marker_is_rolled_forward(kit: Kit) -> None:
    [digest] = lose_commit(kit, "perhaps")
    lost = rebuild(kit)
    assert set(kit.control.objects) - set(lost) == {layout.marker(5)}
    assert digest.encode() in kit.control.objects[layout.marker(5)]
    kit.append(kit.ledger(), "ingest", item_draft("after"))
    assert kit.verify(2).exit_code == 0


def test_a_commit_without_its_keys_is_not_continued_with(kit: Kit) -> None:
    """It was never whole: nobody could open it."""
    pages = [set(vault.objects) for vault in kit.vaults]
    lose_commit(kit, "perhaps")
    for vault, before in zip(kit.vaults, pages, strict=True):
        for name in set(vault.objects) - before:
            del vault.objects[name]
    assert rebuild(kit) == kit.control.objects


def test_between_two_continuations_a_person_decides(kit: Kit) -> None:
    ours, theirs = lose_commit(kit, "ours", "theirs")
    with pytest.raises(Unfinished) as error:
        rebuild(kit)
    assert ours in str(error.value)
    assert theirs in str(error.value)
    assert kit.control.objects == {}
    rebuild(kit, theirs)
    assert theirs.encode() in kit.control.objects[layout.marker(5)]
    kit.append(kit.ledger(), "ingest", item_draft("after"))
    assert kit.verify(2).exit_code == 0


@pytest.mark.parametrize("first", [0, 2, 3, 4], ids=lambda first: f"segment at {first}")
def test_a_missing_segment_below_a_checkpoint_stops_it(kit: Kit, first: int) -> None:
    name = next(name for name in kit.archive.objects if name.startswith(f"segments/{first:020d}"))
    del kit.archive.objects[name]
    with pytest.raises(Unfinished if first == 0 else RolledBack):
        rebuild(kit)
    assert kit.control.objects == {}


def test_a_fork_below_a_checkpoint_is_decided_by_it(kit: Kit) -> None:
    """Somebody with a stolen writer key signed another history from record 3 on; no checkpoint leads there."""
    fork = Kit(kit.writers, kit.recipients, kit.log_key)
    for name, store in kit.stores():
        next(s for n, s in fork.stores() if n == name).objects.update(store.objects)
    for store in (fork.archive, fork.control):
        for name in list(store.objects):
            if name.startswith(("segments/", "commits/", "checkpoints/")) and int(
                name.split("/")[1][:20]
            ) > 2 + name.startswith("checkpoints/"):
                del store.objects[name]
    forged = fork.ledger(sealer=False)
    for text in ("other", "history", "goes", "on"):
        fork.append(forged, "ingest", item_draft(text))
    for name, body in fork.archive.objects.items():
        if name.startswith("segments/"):
            kit.archive.objects.setdefault(name, body)
    assert rebuild(kit) == kit.control.objects


def unsealed(kit: Kit) -> str:
    """What legal commits where ingest seals, in split mode: acknowledged, and under no checkpoint yet."""
    ledger = kit.ledger(sealer=False)
    assert not kit.append(ledger, "legal", kit.matter_draft("M-1")).sealed
    return ledger.state.segments[-1].sha256


def gone(*_: object, **__: object) -> bytes:
    raise Unreachable("the vault: there is no such folder")


@pytest.mark.parametrize("lost", [0, 1])
@pytest.mark.parametrize("how", ["place", "page"])
def test_what_is_committed_and_not_sealed_stays_where_a_vault_copy_is_lost_as_well(
    kit: Kit, monkeypatch: pytest.MonkeyPatch, how: str, lost: int
) -> None:
    unsealed(kit)
    vault = kit.vaults[lost]
    if how == "place":
        monkeypatch.setattr(vault, "get", gone)
    else:
        vault.objects.update({name: b"rotten" for name in vault.objects if "/matter/" in name})
    assert rebuild(kit) == kit.control.objects


@pytest.mark.parametrize("pulled", [True, False])
def test_a_copy_that_is_pulled_vouches_for_what_it_has_pulled(
    kit: Kit, monkeypatch: pytest.MonkeyPatch, pulled: bool
) -> None:
    digest = unsealed(kit)
    first, second = kit.vaults
    if not pulled:
        second.objects = {name: page for name, page in second.objects.items() if "/matter/" not in name}
    monkeypatch.setattr(first, "get", gone)
    places = property(lambda self: Places(self.archive, self.control, (first,), (second,)))
    monkeypatch.setattr(Kit, "places", places)
    if pulled:
        assert rebuild(kit) == kit.control.objects
        return
    with pytest.raises(Unreachable, match=digest):
        rebuild(kit)


def test_whether_a_commit_is_whole_is_not_guessed_while_no_vault_copy_answers(
    kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = unsealed(kit)
    for vault in kit.vaults:
        monkeypatch.setattr(vault, "get", gone)
    with pytest.raises(Unreachable, match=digest):
        rebuild(kit)
    assert kit.control.objects == {}
    rebuild(kit, digest)
    assert digest.encode() in kit.control.objects[layout.marker(5)]


def test_what_a_later_log_key_signed_needs_no_person() -> None:
    """The log key is lost; two race before another one is registered, and the ledger goes on with one of them."""
    kit = Kit()
    kit.found()
    left, _ = lose_commit(kit, "won", "lost")
    name = layout.segment(2, left)
    kept = kit.archive.objects.pop(name)
    kit.append(kit.ledger(sealer=False), "ingest", item_draft("on"))
    kit.archive.objects[name] = kept
    new = Ed25519PrivateKey.generate()
    ledger = kit.ledger(sealer=False)
    ledger.log_next = new
    rows = [
        change("log", "log", "ed25519", key.public_key().public_bytes_raw(), action)
        for key, action in ((kit.log_key, "retire"), (new, "add"))
    ]
    kit.append(ledger, "recovery", clear_draft("keys", {"changes": rows}))
    assert rebuild(kit) == kit.control.objects
