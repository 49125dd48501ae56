"""How fast a ledger grows on a real S3 server on this machine, beside the same records on folders."""

import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from archive.adapters.objects_folder import FolderStore
from archive.adapters.objects_s3 import S3Store
from archive.adapters.s3_client import Address, connect
from tests.benchmarks.corpus import texts
from tests.ledger_kit import Kit, item_draft
from tests.servers.ceph import PACKAGES, Ceph
from tests.servers.conftest import TRIAL
from tests.tools import install

RECORDS, SEGMENT = 40_000, 2_000
Line = Callable[[str, str, float], None]


def measure(_folder: Path, line: Line) -> dict[str, float]:
    """Append the same records in turn on folders and on S3; give both rates and their ratio."""
    if Ceph.missing():
        answer = install(PACKAGES)
        if missing := Ceph.missing():
            print(f"on S3: not measured, {', '.join(missing)} cannot be had: {answer}")
            return {}
    root = Path(tempfile.mkdtemp(prefix="beleg-bench-"))
    server = Ceph(root / "ceph")
    try:
        server.start()
        found = {
            "folders, records/s": _rate(_on_folders(root / "places")),
            "S3, records/s": _rate(_on_buckets(server)),
        }
    finally:
        server.stop()
        shutil.rmtree(root, ignore_errors=True)
    found["S3 to folders"] = found["S3, records/s"] / found["folders, records/s"]
    for key, figure in found.items():
        line("append", key, figure)
    return found


def _rate(kit: Kit) -> float:
    drafts = [item_draft((text * 8)[:600]) for text in texts(RECORDS)]
    ledger = kit.found()
    begun = time.perf_counter()
    for at in range(0, RECORDS, SEGMENT):
        kit.append(ledger, "ingest", *drafts[at : at + SEGMENT])
    return RECORDS / (time.perf_counter() - begun)


def _on_folders(root: Path) -> Kit:
    names = ("archive", "control", "vault", "copy")
    for name in names:
        (root / name).mkdir(parents=True)
    places: list[Any] = [FolderStore(root / name) for name in names]
    return Kit(archive=places[0], control=places[1], vaults=(places[2], places[3]))


def _on_buckets(server: Ceph) -> Kit:
    owner = server.users["owner"]
    client = connect(server.endpoint, None, 20, credentials=(owner.key, owner.secret))
    client.create_bucket(Bucket="bench-archive", ObjectLockEnabledForBucket=True)
    locked = {"ObjectLockEnabled": "Enabled", "Rule": TRIAL}
    client.put_object_lock_configuration(Bucket="bench-archive", ObjectLockConfiguration=locked)
    for name in ("control", "vault", "copy"):
        client.create_bucket(Bucket=f"bench-{name}")
    places: list[Any] = [
        S3Store(client, Address(f"bench-{name}", ""), locked=name == "archive")
        for name in ("archive", "control", "vault", "copy")
    ]
    return Kit(archive=places[0], control=places[1], vaults=(places[2], places[3]))
