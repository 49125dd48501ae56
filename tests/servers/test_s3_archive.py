"""A whole archive on a real S3 server, by the command line: founding, work, attacks, locks, a second home."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from itertools import count
from pathlib import Path

import pytest

from archive.adapters.objects_s3 import S3Store
from archive.adapters.s3_client import Client, parse_url
from tests.servers.ceph import Ceph
from tests.servers.process import ROOT, Done, chat, here

_NUMBER = count()
Run = Callable[..., Done]


@pytest.fixture
def name() -> str:
    return f"whole{next(_NUMBER)}"


@pytest.fixture
def run(ceph: Ceph, tmp_path: Path) -> Run:
    def call(*arguments: str | Path) -> Done:
        return here(ceph.users["owner"], tmp_path / "archive", *arguments)

    return call


def places(name: str, ceph: Ceph) -> list[str]:
    return [
        "--store", f"s3://{name}-store/main", "--control", f"s3://{name}-control", "--vault", f"s3://{name}-vault",
        "--vault-copy", f"s3://{name}-copy", "--endpoint", ceph.endpoint, "--timezone", "Europe/Berlin",
    ]  # fmt: skip


@pytest.fixture
def archive(run: Run, name: str, ceph: Ceph, tmp_path: Path) -> Path:
    folder = tmp_path / "archive"
    done = run("init", folder, *places(name, ceph))
    assert done.code == 0, done.err
    return folder


@pytest.fixture
def store(owner: Client, name: str) -> S3Store:
    return S3Store(owner, parse_url(f"s3://{name}-store/main"), locked=True)


def test_the_whole_way(run: Run, archive: Path, tmp_path: Path) -> None:
    exports = [path for path in (ROOT / "archive/demo").iterdir() if path.suffix in (".zip", ".mbox")]
    done = run("ingest", *exports, "--json")
    assert done.code == 0, done.err
    assert sum(one["items"] for one in done.json) == 84
    assert run("search", "garantie w/6 jahre", "--json").json["total"] > 0
    for arguments in (
        ("matter", "open", "Pumpe", "--reason", "Klage"),
        ("matter", "add", "M-1", "--search", "garantie w/6 jahre"),
        ("hold", "place", "M-1", "--channel", "whatsapp", "--reason", "Klage", "--review", "2030-01-01"),
        ("export", "M-1", "--out", tmp_path / "M-1"),
        ("verify", tmp_path / "M-1"),
        ("verify", "--level", "2"),
        ("rebuild",),
    ):
        done = run(*arguments)
        assert done.code == 0, (arguments, done.out, done.err)
    assert "TRIAL: objects are locked for 30 days" in run("status").out
    again = run("ingest", *exports, "--json")
    assert sum(one["items"] for one in again.json) == 0, "nothing is new the second time"


def test_what_is_no_place_is_refused_and_nothing_founded(
    run: Run, ceph: Ceph, owner: Client, name: str, tmp_path: Path
) -> None:
    folder = tmp_path / "archive"

    def refused(change: tuple[str, str], code: int, words: str) -> None:
        arguments = places(name, ceph)
        arguments[arguments.index(change[0]) + 1] = change[1]
        done = run("init", folder, *arguments)
        assert (done.code, words in done.err) == (code, True), done.err
        assert "Traceback" not in done.err
        assert not (folder / "beleg.toml").exists()
        assert not (folder / "keys").exists()

    owner.create_bucket(Bucket=f"{name}-versions")
    owner.put_bucket_versioning(Bucket=f"{name}-versions", VersioningConfiguration={"Status": "Enabled"})
    owner.create_bucket(Bucket=f"{name}-plain")
    refused(("--control", f"s3://{name}-versions"), 2, "keeps versions")
    refused(("--vault", f"s3://{name}-versions"), 2, "keeps versions")
    with pytest.raises(owner.exceptions.ClientError):
        owner.head_bucket(Bucket=f"{name}-store")  # a refusal makes nothing
    refused(("--store", f"s3://{name}-plain"), 2, "no Object Lock")
    refused(("--vault", f"s3://{name}-copy/"), 2, "of its own")
    refused(("--vault", f"s3://{name}-control/vault"), 2, "of its own")
    refused(("--control", f"s3://{name}-store/control"), 2, "bucket of its own")
    refused(("--store", "s3://Not/A_Bucket"), 2, "no place on S3")
    refused(("--store", f"{folder}/store"), 2, "write a bucket")
    refused(("--endpoint", "ftp://127.0.0.1"), 2, "address of an S3 server")
    refused(("--endpoint", "http://127.0.0.1:9"), 4, "no answer")
    assert here(None, folder, "init", folder, *places(name, ceph)).code == 5


def test_a_second_founding_in_the_same_buckets(
    run: Run, archive: Path, ceph: Ceph, name: str, tmp_path: Path
) -> None:
    done = run("init", tmp_path / "other", *places(name, ceph))
    assert done.code == 2
    assert "not empty" in done.err
    assert run("verify").code == 0


def test_attacks_on_the_archive_bucket_are_named(
    run: Run, archive: Path, store: S3Store, owner: Client, tmp_path: Path
) -> None:
    assert run("ingest", chat(tmp_path, "Werk", 0, 30)).code == 0
    names = list(store.names("segments/"))
    key = {"Bucket": store.address.bucket, "Key": f"main/{names[-1]}"}
    body = store.get(names[-1], limit=1 << 26)

    owner.put_object(**key, Body=body)
    done = run("verify", "--json")
    assert done.code == 0, "identical bytes twice are a note"
    assert [finding["kind"] for finding in done.json["findings"]] == ["duplicate"]

    owner.put_object(**key, Body=b"other bytes")
    done = run("verify", "--json")
    assert done.code == 3
    named = [f for f in done.json["findings"] if f["kind"] == "unexpected"]
    assert [f["name"] for f in named] == [names[-1]]
    assert numbers_are(run, tmp_path, 30), "and nothing is lost by it"

    owner.delete_object(**key)
    done = run("verify", "--json")
    assert done.code == 3
    assert any("delete marker" in f["text"] for f in done.json["findings"])
    assert run("ingest", chat(tmp_path, "Werk", 0, 40)).code == 0, "the writer is not stopped by it"
    assert numbers_are(run, tmp_path, 40)

    planted = f"main/segments/{0:020}-{sha256(b'planted').hexdigest()}"
    owner.put_object(Bucket=store.address.bucket, Key=planted, Body=b"planted")
    assert run("verify").code == 3


def test_planted_names_end_neither_the_care_of_locks_nor_a_mirror(
    run: Run, archive: Path, store: S3Store, owner: Client, tmp_path: Path
) -> None:
    """What is planted under a lock cannot be taken away again, so nothing may stop at it."""
    planted = ("segments/ü\u202e", "objects/../../etc", "", "/x")
    for name in planted:
        owner.put_object(Bucket=store.address.bucket, Key=f"main/{name}", Body=b"")
    done = run("mirror", tmp_path / "mirror", "--json")
    assert (done.code, set(done.json["left"])) == (3, {f"archive/{name}" for name in planted}), done.err
    assert done.json["report"]["findings"] == []
    done = run("doctor", "--harden", "--years", "2", "--yes", "--json")
    assert (done.code, done.json["locked"] > len(planted)) == (0, True), done.err
    locks = [
        p for p in run("doctor", "--json").json["probes"] if (p["place"], p["what"]) == ("archive", "locks")
    ]
    assert [p["verdict"] for p in locks] == ["holds"]
    done = run("verify", "--json")
    assert (done.code, {f["name"] for f in done.json["findings"]}) == (3, {*planted[:2], "/"}), done.out


def numbers_are(run: Run, tmp_path: Path, end: int) -> bool:
    found = run("search", "nummer werk", "--limit", "1000", "--json").json["hits"]
    return sorted(int(hit["text"].split()[2]) for hit in found) == list(range(end))


def test_harden_makes_the_lock_final(
    run: Run, archive: Path, store: S3Store, owner: Client, tmp_path: Path
) -> None:
    from archive.adapters.s3_client import ask
    from archive.errors import Forbidden

    assert run("ingest", chat(tmp_path, "Werk", 0, 5)).code == 0
    assert run("doctor", "--harden", "--years", "2").code == 2, "it cannot be taken back, so it asks"
    done = run("doctor", "--harden", "--years", "2", "--yes", "--json")
    assert done.code == 0, done.err
    versions = [v for v in store.versions("") if not v.name.startswith("probe/")]
    assert done.json["locked"] == len(versions)
    assert run("ingest", chat(tmp_path, "Werk", 0, 9)).code == 0
    for version in store.versions(""):
        if version.name.startswith("probe/") or version.removed:
            continue
        head = store.head(version.name, version.version)
        assert head["ObjectLockMode"] == "COMPLIANCE"
        with pytest.raises(Forbidden):
            ask(
                lambda version=version: owner.delete_object(
                    Bucket=store.address.bucket, Key=f"main/{version.name}", VersionId=version.version,
                    BypassGovernanceRetention=True,
                ),
                "delete",
            )  # fmt: skip
    report = run("doctor", "--json").json
    seen = {probe["what"]: probe["verdict"] for probe in report["probes"] if probe["place"] == "archive"}
    assert (seen["mode"], seen["bypass"], seen["locks"]) == ("holds", "holds", "holds")
    assert "TRIAL" not in run("status").out


def test_a_lock_for_longer_than_the_server_can_count(run: Run, archive: Path, store: S3Store) -> None:
    """Ceph 16 makes 1990 of 2126: hardening must not end the locks that it was to make final."""
    before = {name: store.head(name)["ObjectLockRetainUntilDate"] for name in store.names("segments/")}
    done = run("doctor", "--harden", "--years", "100", "--yes")
    assert "Traceback" not in done.err
    after = {name: store.head(name)["ObjectLockRetainUntilDate"] for name in before}
    far = {p["what"]: p["verdict"] for p in run("doctor", "--json").json["probes"] if p["place"] == "archive"}
    assert far["extend"] == ("holds" if done.code == 0 else "weaker")
    if done.code == 0:
        assert {until.year for until in after.values()} == {datetime.now(UTC).year + 100}
    else:
        assert (done.code, "choose fewer" in done.err) == (4, True), done.err
        assert after == before
        assert "TRIAL" in run("status").out


def test_locks_that_end_soon_are_extended(run: Run, archive: Path, store: S3Store, owner: Client) -> None:
    """An archive whose bucket locks for years, with objects from the time of the trial."""
    years = {"DefaultRetention": {"Mode": "COMPLIANCE", "Years": 3}}
    owner.put_object_lock_configuration(
        Bucket=store.address.bucket, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": years}
    )
    before = store.head(next(store.names("segments/")))["ObjectLockRetainUntilDate"]
    report = run("doctor", "--json").json
    locks = [probe["seen"] for probe in report["probes"] if probe["what"] == "locks"]
    assert any("extended" in seen for seen in locks), locks
    after = store.head(next(store.names("segments/")))["ObjectLockRetainUntilDate"]
    assert (after - before).days > 900


def test_a_bucket_that_forgets_by_rule(
    run: Run, archive: Path, owner: Client, name: str, ceph: Ceph, tmp_path: Path
) -> None:
    """A rule of a vault bucket takes its key pages: `doctor` tells before, `verify` after, and the copy still opens."""
    assert run("ingest", chat(tmp_path, "Werk", 0, 5)).code == 0
    past = datetime(2020, 1, 1, tzinfo=UTC)
    rule = {"ID": "alt", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Date": past}}
    owner.put_bucket_lifecycle_configuration(Bucket=f"{name}-vault", LifecycleConfiguration={"Rules": [rule]})
    told = run("doctor", "--json")
    assert told.code == 5, "this place does not keep what it must"
    seen = {p["place"]: p["seen"] for p in told.json["probes"] if p["what"] == "lifecycle"}
    assert seen.pop("vault 1") == "objects expire by rule: alt"
    assert (len(seen), set(seen.values())) == (3, {"no rules"})
    ceph.forget()
    verified = run("verify", "--json")
    gone = [one["text"] for one in verified.json["findings"] if one["kind"] == "missing"]
    assert verified.code == 3
    assert gone
    assert {text.partition(":")[0] for text in gone} == {"vault copy 1"}
    assert run("search", "nummer", "--json").json["total"] == 5


def test_folders_to_s3_and_back_with_identical_bytes(
    run: Run, archive: Path, name: str, owner: Client, tmp_path: Path
) -> None:
    assert run("ingest", chat(tmp_path, "Werk", 0, 200)).code == 0
    owner.create_bucket(Bucket=f"{name}-mirror")
    down = tmp_path / "down"
    done = run("mirror", down, "--json")
    assert done.code == 0, done.out + done.err
    assert run("mirror", down, "--json").json["copied"] == 0, "only what is new is copied"
    up = run("mirror", f"s3://{name}-mirror/beleg", "--json")
    assert up.code == 0, up.out + up.err
    assert up.json["report"]["root"] == done.json["report"]["root"]

    client, bucket = owner, f"{name}-mirror"
    mirror = S3Store(client, parse_url(f"s3://{bucket}/beleg"), locked=False)
    kept = {str(path.relative_to(down)): path.read_bytes() for path in down.rglob("*") if path.is_file()}
    assert set(mirror.names("")) == set(kept)
    assert all(mirror.get(path, limit=1 << 26) == body for path, body in kept.items())

    assert run("ingest", chat(tmp_path, "Werk", 0, 210)).code == 0
    assert 0 < run("mirror", down, "--json").json["copied"] < 10
    (next((down / "archive/segments").iterdir())).write_bytes(b"damaged")
    assert run("mirror", down).code == 3, "a damaged copy is told"


def test_a_mirror_does_not_lie_in_the_archive(run: Run, archive: Path, name: str, store: S3Store) -> None:
    before = set(store.names(""))
    for place in (f"s3://{name}-store/main", f"s3://{name}-store/main/copy", f"s3://{name}-control"):
        done = run("mirror", place)
        assert (done.code, "overlaps" in done.err) == (2, True), done.err
    assert set(store.names("")) == before
    assert run("verify").code == 0


def test_a_mirror_does_not_lie_in_another_archive_or_where_versions_go_unlocked(
    run: Run, archive: Path, name: str, ceph: Ceph, owner: Client, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    assert run("init", other, *places(f"{name}-o", ceph)).code == 0
    for place in ("store/main/x", "store/main", "control", "vault/keys/y"):
        done = run("mirror", f"s3://{name}-o-{place}")
        assert (done.code, "is a place of an archive" in done.err) == (2, True), done.err
    owner.create_bucket(Bucket=f"{name}-unlocked", ObjectLockEnabledForBucket=True)
    done = run("mirror", f"s3://{name}-unlocked/x")
    assert (done.code, "locks nothing" in done.err) == (2, True), done.err
    assert run("mirror", "s3://").code == 2
    assert run("mirror", f"s3://{name}-nowhere").code == 4
    assert run("--archive", other, "verify").code == 0
    assert run("mirror", f"s3://{name}-o-store/beside").code == 0, (
        "as far as locks go it is a place like others"
    )


def test_the_control_bucket_is_lost(
    run: Run, archive: Path, name: str, owner: Client, tmp_path: Path
) -> None:
    assert run("ingest", chat(tmp_path, "Werk", 0, 100)).code == 0
    control = S3Store(owner, parse_url(f"s3://{name}-control"), locked=False)
    for marker in list(control.names("")):
        owner.delete_object(Bucket=f"{name}-control", Key=marker)
    assert run("ingest", chat(tmp_path, "Werk", 0, 110)).code in (4, 5)
    assert run("verify").code != 0
    done = run("rebuild", "markers", "--into", f"s3://{name}-control-2", "--json")
    assert done.code == 4, "a bucket is made by people, or by init"
    owner.create_bucket(Bucket=f"{name}-control-2")
    done = run("rebuild", "markers", "--into", f"s3://{name}-control-2", "--json")
    assert done.code == 0, done.err
    for role in ("ingest", "privacy", "owner"):
        policy = (archive / "policies" / f"{role}.json").read_text()
        assert (f":{name}-control-2/*" in policy, f":{name}-control/*" in policy) == (True, False)
    assert run("verify").code == 0
    assert run("ingest", chat(tmp_path, "Werk", 0, 110)).code == 0
    assert numbers_are(run, tmp_path, 110)
    assert json.loads(run("verify", "--json").out)["findings"] == []
