"""What a tampered mirror may bring back into the places of an archive: nothing of a stranger."""

from collections.abc import Callable, Collection
from hashlib import sha256

import pytest

from archive.core import layout
from archive.errors import Unfinished, UsageError
from archive.ports import ReadPlaces
from archive.services.restore import Restoring, TakenBack
from tests.attacks import filled, names
from tests.ledger_kit import ORIGIN, Kit, item_draft
from tests.memory_store import MemoryStore


def mirror_of(kit: Kit) -> tuple[MemoryStore, MemoryStore]:
    copies = MemoryStore(), MemoryStore()
    for copy, store in zip(copies, (kit.archive, kit.control), strict=True):
        copy.objects = dict(store.objects)
    return copies


def restored(kit: Kit, archive: MemoryStore, control: MemoryStore, chosen: Collection[str] = ()) -> TakenBack:
    """Lose the archive place, and take it back."""
    kit.archive = MemoryStore()
    mirror = ReadPlaces(archive, control, kit.vaults)
    restoring = Restoring(mirror, kit.archive, kit.control, ORIGIN, lambda *_: None, chosen)
    return restoring.run(restoring.follow())


def test_a_sound_mirror_comes_back_whole() -> None:
    kit = filled()
    archive, control = mirror_of(kit)
    kit.control = MemoryStore()
    done = restored(kit, archive, control)
    assert done == TakenBack(len(archive.objects) + len(control.objects), ())
    assert (kit.archive.objects, kit.control.objects) == (archive.objects, control.objects)
    assert kit.verify().findings == ()


def plant_segments(archive: MemoryStore, control: MemoryStore) -> list[str]:
    """Whole segments of the same origin under keys of another, their markers beside them."""
    other = filled(6)
    planted = []
    for ours, theirs in ((archive, other.archive), (control, other.control)):
        for name in names(theirs, layout.SEGMENTS) + names(theirs, layout.COMMITS):
            if name not in ours.objects:
                ours.objects[name] = theirs.objects[name]
                planted.append(("archive/" if ours is archive else "control/") + name)
    return planted


def plant_marker(_: MemoryStore, control: MemoryStore) -> list[str]:
    control.objects[layout.marker(999)] = control.objects[names(control, layout.COMMITS)[1]]
    return [f"control/{layout.marker(999)}"]


def change_marker(_: MemoryStore, control: MemoryStore) -> list[str]:
    last = names(control, layout.COMMITS)[-1]
    digits = control.objects[last]
    control.objects[last] = digits.replace(b'"count":1,', b'"count":2,')
    assert control.objects[last] != digits
    return [f"control/{last}"]


def plant_checkpoints(archive: MemoryStore, _: MemoryStore) -> list[str]:
    """Of another archive of the same origin, of a size that the ledger never had, and no checkpoint at all."""
    other = filled(6)
    bodies = [other.archive.objects[name] for name in names(other.archive, layout.CHECKPOINTS)]
    ours = archive.objects[names(archive, layout.CHECKPOINTS)[-1]]
    planted = []
    for size, body in [*enumerate(bodies), (999, ours), (1, b"rubbish"), (999, b"rubbish")]:
        name = layout.checkpoint(size, sha256(body).hexdigest())
        archive.objects[name] = body
        planted.append(f"archive/{name}")
    return planted


@pytest.mark.parametrize("plant", [plant_segments, plant_marker, change_marker, plant_checkpoints])
@pytest.mark.parametrize("lost", [0, 1, 99], ids=["archive", "and the last marker", "and control"])
def test_nothing_of_a_stranger_comes_with_it(
    plant: Callable[[MemoryStore, MemoryStore], list[str]], lost: int
) -> None:
    """Under a lock it would stay for years, and a planted marker stops every writer."""
    kit = filled()
    archive, control = mirror_of(kit)
    before = dict(archive.objects), dict(control.objects)
    (founding,) = names(archive, layout.segment(0, ""))
    planted = plant(archive, control)
    for name in names(kit.control, layout.COMMITS)[::-1][:lost]:
        del kit.control.objects[name]
    done = restored(kit, archive, control, [founding.rpartition("-")[2]] if lost == 99 else [])
    assert set(done.left) == {name for name in planted if name.partition("/")[2] not in kit.control.objects}
    assert kit.archive.objects == before[0]
    assert kit.control.objects.items() <= before[1].items()
    if plant is not change_marker:
        assert kit.verify().findings == ()


def test_between_two_foundings_a_person_decides() -> None:
    kit = filled()
    archive, control = mirror_of(kit)
    plant_segments(archive, control)
    kit.control = MemoryStore()
    with pytest.raises(Unfinished, match="--adopt"):
        restored(kit, archive, control)
    assert kit.archive.objects == {}


def test_a_mirror_that_was_founded_otherwise_than_the_control_place_says_is_none() -> None:
    kit = filled()
    with pytest.raises(UsageError, match="founded otherwise"):
        restored(kit, *mirror_of(filled(6)))
    assert kit.archive.objects == {}


@pytest.mark.parametrize("segments", [1, 3])
def test_a_mirror_that_is_older_than_the_loss_says_where_it_ends(segments: int) -> None:
    kit = filled()
    archive, control = mirror_of(kit)
    for store, prefix in ((archive, layout.SEGMENTS), (control, layout.COMMITS)):
        for name in names(store, prefix)[segments:]:
            del store.objects[name]
    ends = layout.parse_marker_name(names(kit.control, layout.COMMITS)[segments])
    for name in names(archive, layout.CHECKPOINTS):
        if layout.parse_numbered(name)[0] > ends:
            del archive.objects[name]
    assert restored(kit, archive, control).lost_from == ends


def test_what_is_whole_of_a_damaged_mirror_comes_back_uncommitted_behind_the_damage() -> None:
    kit = filled()
    archive, control = mirror_of(kit)
    kit.control = MemoryStore()
    segments = names(archive, layout.SEGMENTS)
    del archive.objects[segments[2]]
    restored(kit, archive, control)
    assert names(kit.archive, layout.SEGMENTS) == [*segments[:2], *segments[3:]]
    assert len(names(kit.control, layout.COMMITS)) == 2


def test_what_was_logged_before_it_broke_off_is_not_called_lost() -> None:
    """Killed between the entry and the settings: the mirror is older than the archive by that entry."""
    kit = filled()
    archive, control = mirror_of(kit)
    kit.append(kit.ledger(), "ingest", item_draft("written since"))
    mirror = ReadPlaces(archive, control, kit.vaults)
    restoring = Restoring(mirror, kit.archive, kit.control, ORIGIN, lambda *_: None)
    assert restoring.run(restoring.follow()) == TakenBack(0, ())
