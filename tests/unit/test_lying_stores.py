"""Servers that break their word, one promise at a time: `doctor` and `init` must say so and refuse."""

import errno
import os
from datetime import timedelta
from pathlib import Path

import pytest

from archive.adapters import s3_locks
from archive.adapters.objects_folder import FolderStore
from archive.adapters.objects_s3 import Lock, S3Store
from archive.adapters.probe_bucket import UnlockedProber
from archive.adapters.probe_folder import FolderProber
from archive.adapters.probe_s3 import LockedProber
from archive.adapters.s3_client import Address
from archive.adapters.s3_locks import harden
from archive.adapters.s3_setup import _demand_locked, _knows_create_only
from archive.errors import Forbidden, StoreError, Unreachable, UsageError
from archive.services.doctor import demand
from schemas.report import DoctorReport, Probe, Verdict
from tests.lying_server import Server

PLACE = Address("bucket", "main/")


def locked(*lies: str) -> LockedProber:
    return LockedProber("archive", S3Store(Server(lies, versioned=True), PLACE, locked=True))


def unlocked(*lies: str) -> UnlockedProber:
    return UnlockedProber("control", S3Store(Server(lies), PLACE, locked=False))


def bad(probes: list[Probe], verdict: str = "broken") -> set[str]:
    return {probe.what for probe in probes if probe.verdict == verdict}


def test_an_honest_server_passes() -> None:
    demand([locked(), unlocked()])
    assert bad(list(locked().further())) == set()
    assert bad(list(locked().further()), "weaker") == {"mode"}, "a trial lock is said to be one"


@pytest.mark.parametrize(
    ("lie", "seen"),
    [
        ("has no lock", "lock"),
        ("drops the lock", "lock on writing"),
        ("rounds the lock", "lock on writing"),
        ("ignores locks", "delete"),
        ("shortens locks", "shorten"),
        ("writes over versions", "overwrite"),
        ("deletes instead of hiding", "hide"),
        ("lists one version", "versions"),
        ("names no version", "versions"),
    ],
)
def test_a_server_that_ignores_locks_is_refused(lie: str, seen: str) -> None:
    assert seen in bad(list(locked(lie).essential()))
    with pytest.raises(UsageError, match="archive is unfit"):
        demand([locked(lie)])


DAYS = {"Days": 30}


@pytest.mark.parametrize(
    ("rule", "verdict"),
    [
        ({"Expiration": DAYS}, "broken"),
        ({"Expiration": {"Date": "2031-01-01"}, "Prefix": "main/segments"}, "broken"),
        ({"NoncurrentVersionExpiration": {"NoncurrentDays": 1}, "Filter": {"Prefix": ""}}, "broken"),
        ({"Expiration": DAYS, "Filter": {"And": {"Prefix": "main/", "Tags": []}}}, "broken"),
        ({"Transitions": [{"Days": 90, "StorageClass": "DEEP_ARCHIVE"}]}, "weaker"),
        ({"Expiration": DAYS, "Status": "Disabled"}, "holds"),
        ({"Expiration": DAYS, "Filter": {"Prefix": "other/"}}, "holds"),
        ({"Expiration": {"ExpiredObjectDeleteMarker": True}}, "holds"),
        ({"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}}, "holds"),
    ],
)
def test_a_bucket_that_forgets_by_rule_is_told_and_refused(rule: dict[str, object], verdict: Verdict) -> None:
    for prober in (locked(), unlocked()):
        prober.client.rules = [{"ID": "alt", "Status": "Enabled", **rule}]
        told = [probe for probe in prober.further() if probe.what == "lifecycle"]
        assert [one.verdict for one in told] == [verdict]
        assert ("alt" in told[0].seen) == (verdict != "holds")
        if verdict == "broken":
            with pytest.raises(UsageError, match="objects expire by rule: alt"):
                demand([prober])
        else:
            demand([prober])


def test_a_lock_that_pretends_to_have_given_way_is_told_from_one_that_did() -> None:
    """The answer is not believed: the object is looked for."""
    probes = list(locked("ignores locks", "says done").essential())
    assert "delete" in bad(probes)


@pytest.mark.parametrize("lie", ["ignores create-if-absent", "create is not atomic"])
def test_a_control_place_where_two_can_win_is_refused(lie: str) -> None:
    assert bad(list(unlocked(lie).essential())) == {"create-if-absent"}
    with pytest.raises(UsageError, match="control is unfit"):
        demand([unlocked(lie)])


@pytest.mark.parametrize(
    ("lie", "seen"), [("lists nothing", "nothing is listed"), ("knows no versions", "501")]
)
def test_a_control_place_that_does_not_tell_its_versions_is_refused(lie: str, seen: str) -> None:
    """No verification of it would come to an end, or see that it began to keep what was destroyed."""
    told = [probe for probe in unlocked(lie).essential() if probe.verdict == "broken"]
    assert [probe.what for probe in told] == ["listing"]
    assert seen in told[0].seen
    with pytest.raises(UsageError, match="control is unfit"):
        demand([unlocked(lie)])


def test_a_control_place_with_versions_is_refused() -> None:
    prober = UnlockedProber("vault", S3Store(Server(versioned=True), PLACE, locked=False))
    with pytest.raises(UsageError, match="vault is unfit"):
        demand([prober])


@pytest.mark.parametrize(
    ("lie", "seen"),
    [("checks no checksum", "checksum"), ("has a wrong clock", "clock"), ("lets anyone bypass", "bypass")],
)
def test_what_is_weaker_is_said(lie: str, seen: str) -> None:
    assert seen in bad(list(locked(lie).further()), "weaker")
    assert seen not in bad(list(locked().further()), "weaker")


def test_no_answer_is_no_refusal_of_a_wrong_checksum() -> None:
    with pytest.raises(Unreachable):
        list(locked("is out of order").further())


def test_a_lock_that_ends_by_being_extended_is_said() -> None:
    """Seconds of 32 bits: 2106 becomes 1970, in COMPLIANCE mode too, without any right to bypass."""
    extend = next(probe for probe in locked("counts seconds in 32 bits").further() if probe.what == "extend")
    assert (extend.verdict, "2106 became 1970" in extend.seen) == ("weaker", True), extend


def test_what_was_extended_for_decades_is_made_once() -> None:
    prober = locked()
    for _ in range(3):
        assert {probe.what: probe.verdict for probe in prober.further()}["extend"] == "holds"
    far = [versions for key, versions in prober.client.objects.items() if key.endswith("probe/extended")]
    assert [len(versions) for versions in far] == [1]


def test_a_final_lock_of_a_week_is_weak() -> None:
    prober = locked()
    prober.client.default = {"Mode": "COMPLIANCE", "Days": 7}
    mode = next(probe for probe in prober.further() if probe.what == "mode")
    assert (mode.verdict, mode.seen) == ("weaker", "COMPLIANCE, 7 days")


@pytest.mark.parametrize(("years", "told"), [(2, True), (10, False)])
def test_what_a_hardening_that_broke_off_left_is_told(years: int, told: bool) -> None:
    """The bucket locks for ten years, and an object was locked for less before; none of them ends within a year."""
    prober = locked()
    prober.client.default = {"Mode": "COMPLIANCE", "Years": 10}
    for number in range(3):
        prober.store.put_new(f"segments/{number}", b"x")
    [version] = prober.client.objects["main/segments/1"]
    version.until = Lock.of_years("COMPLIANCE", years).until(version.written)
    for versions in prober.client.objects.values():  # all of it as it was written half a year ago
        for one in versions:
            one.written, one.until = one.written - timedelta(days=180), one.until - timedelta(days=180)
    seen = [(probe.verdict, probe.seen) for probe in prober.locks() if "as long" in probe.promise]
    assert [one[:2] for one in seen] == ([("weaker", seen[0][1])] if told else [])
    assert not told or seen[0][1].startswith("1 end earlier")


def test_a_bucket_that_lost_its_default_lock_is_hardened(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing can be written to it any more; the one command that locks refused it too, and named no way out."""
    prober = locked()
    prober.store.put_new("segments/1", b"x")
    prober.client.default, prober.store._lock = {}, None
    [told] = [
        probe for probes in (prober.essential, prober.further, prober.locks) for probe in probes()
        if probe.verdict not in ("holds", "weaker")
    ]  # fmt: skip
    assert "no default retention" in told.seen
    assert "`beleg doctor --harden --years N`" in told.seen
    monkeypatch.setattr(s3_locks, "LOCK_MEMORY", 0)
    assert harden(prober.store, 2, lambda _: None) == 1
    assert prober.client.default == {"Mode": "COMPLIANCE", "Years": 2}


@pytest.mark.parametrize(
    "default", [{"Mode": "GOVERNANCE", "Days": 99_999_999}, {"Mode": "COMPLIANCE", "Years": 9999}]
)
def test_a_lock_that_ends_at_no_date_is_told(default: dict[str, object]) -> None:
    prober = locked()
    prober.client.default = default
    with pytest.raises(StoreError, match="days end at no date"):
        prober.store.lock()


@pytest.mark.parametrize(
    ("verdicts", "code"),
    [
        (("holds",), 0), (("untested",), 4), (("holds", "untested"), 4), (("holds", "weaker", "untested"), 3),
        (("holds", "weaker", "unknown"), 4), (("broken", "unknown"), 5),
    ],
)  # fmt: skip
def test_nothing_is_told_to_hold_that_was_not_tested(verdicts: tuple[Verdict, ...], code: int) -> None:
    probes = [Probe(place="archive", what="x", promise="x", seen="x", verdict=one) for one in verdicts]
    assert DoctorReport(probes=tuple(probes)).exit_code == code


def test_a_folder_where_two_can_win_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def put_new(self: FolderStore, name: str, body: bytes) -> None:
        path = self._path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)  # as a file system whose link() writes over

    demand([FolderProber("control", FolderStore(tmp_path))])
    monkeypatch.setattr(FolderStore, "put_new", put_new)
    with pytest.raises(UsageError, match="control is unfit"):
        demand([FolderProber("control", FolderStore(tmp_path))])


# Founding


@pytest.mark.parametrize(
    ("lies", "knows"), [((), True), (("knows no conditions",), False), (("takes no policies",), False)]
)
def test_whether_create_only_can_be_demanded_is_tried(lies: tuple[str, ...], knows: bool) -> None:
    server = Server(lies)
    assert _knows_create_only(server, PLACE) == knows
    assert server.policy is None, "what was tried is taken back"
    assert not any(server.objects.values())
    server.policy = own = '{"Version":"2012-10-17","Statement":[]}'
    assert not _knows_create_only(server, PLACE)
    assert server.policy == own, "the policy of somebody's bucket is not touched"


def test_a_bucket_without_object_lock_is_refused() -> None:
    with pytest.raises(UsageError, match="no Object Lock"):
        _demand_locked(Server(["has no lock"]), PLACE, fresh=True)


def test_a_folder_that_an_account_may_only_read_is_not_called_unfit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(FolderStore, "_make_folder", denied)
    with pytest.raises(Forbidden, match="Permission denied"):
        list(FolderProber("archive", FolderStore(tmp_path)).essential())


def test_a_disk_that_is_mounted_to_be_read_is_untested_and_no_place_to_found_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As an auditor mounts it."""

    def read_only(*_: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(FolderStore, "_make_folder", read_only)
    prober = FolderProber("archive", FolderStore(tmp_path))
    (probe,) = prober.essential()
    assert (probe.verdict, "Read-only file system" in probe.seen) == ("untested", True)
    with pytest.raises(UsageError, match="archive is unfit"):
        demand([prober])


def test_a_pipe_under_a_name_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "object")
    assert FolderStore(tmp_path).get("object", limit=9) == b"", "no bytes that a digest could bear out"


def test_a_link_to_nothing_under_a_name_is_listed(tmp_path: Path) -> None:
    """So that ``verify`` names it, in control and vault too, and ends with an answer."""
    (tmp_path / "object").symlink_to(tmp_path / "nowhere")
    assert [one.name for one in FolderStore(tmp_path).versions("")] == ["object"]
