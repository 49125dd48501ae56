"""A whole archive moves from folders to buckets and back, by the commands that a lost place is made anew with."""

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from archive.adapters.s3_client import Client
from archive.adapters.s3_policies import ROLES
from tests.servers.ceph import Ceph
from tests.servers.conftest import TRIAL
from tests.servers.process import Done, chat, here

Run = Callable[..., Done]


@pytest.fixture
def run(ceph: Ceph, tmp_path: Path) -> Run:
    def call(*arguments: str | Path) -> Done:
        done = here(ceph.users["owner"], tmp_path / "archive", *arguments)
        assert done.code == 0, (arguments, done.out, done.err)
        return done

    return call


@pytest.fixture
def buckets(owner: Client) -> None:
    owner.create_bucket(Bucket="moved-store", ObjectLockEnabledForBucket=True)
    configuration = {"ObjectLockEnabled": "Enabled", "Rule": TRIAL}
    owner.put_object_lock_configuration(Bucket="moved-store", ObjectLockConfiguration=configuration)
    for name in ("moved-control", "moved-vault", "moved-copy"):
        owner.create_bucket(Bucket=name)


def move(run: Run, tmp_path: Path, number: int, places: dict[str, str]) -> Done:
    """Move every place; give what the last command said."""
    mirror, head = tmp_path / f"mirror-{number}", tmp_path / f"head-{number}.note"
    run("mirror", mirror)
    run("proof", "head", "--out", head)
    run("rebuild", "archive", "--from", mirror, "--into", places["archive"], "--head", head)
    run("rebuild", "markers", "--into", places["control"])
    run("keys", "copy", "--from", "2", "--into", places["vault"])
    return run("keys", "copy", "--from", "1", "--into", places["copy"])


def objects(place: Path) -> dict[str, bytes]:
    return {str(path.relative_to(place)): path.read_bytes() for path in place.rglob("*") if path.is_file()}


@pytest.mark.usefixtures("buckets")
def test_from_folders_to_buckets_and_back(run: Run, ceph: Ceph, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    run("init", archive, "--split", "--timezone", "Europe/Berlin")
    run("ingest", chat(tmp_path, "Werk", 0, 50))
    before = {name: objects(archive / "places" / name) for name in ("archive", "control", "vault")}
    with (archive / "beleg.toml").open("a") as settings:
        settings.write(f'\n[s3]\nendpoint = "{ceph.endpoint}"\n')

    names = ("store", "control", "vault", "copy")
    up = move(
        run, tmp_path, 1, dict(zip(("archive", *names[1:]), [f"s3://moved-{n}" for n in names], strict=True))
    )
    assert {path.stem for path in (archive / "policies").iterdir()} == set(ROLES)
    assert "s3:PutObject" in (archive / "policies" / "ingest.json").read_text()
    assert tomllib.loads((archive / "beleg.toml").read_text())["places"]["second_copy"] == "pulled"
    for words in ("every other host", "policies: written anew", "places/vault-copy: where it still exists"):
        assert words in up.err
    assert run("ingest", chat(tmp_path, "Werk", 0, 60), "--json").json[0]["items"] == 10
    run("keys", "copy")

    back = {name: str(archive / "places" / f"{name}-2") for name in ("archive", "control", "vault", "copy")}
    move(run, tmp_path, 2, back)
    for name, were in before.items():
        now = objects(archive / "places" / f"{name}-2")
        assert were.items() <= now.items(), f"{name}: the bytes are the same"
    assert run("verify", "--json").json["findings"] == []
    assert run("search", "nummer", "--json").json["total"] == 60
