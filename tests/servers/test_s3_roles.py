"""Each role by its policy on a real server: it can do its work, and what the server can forbid is forbidden."""

import json
import shutil
from itertools import count
from pathlib import Path

import boto3
import pytest

from archive.adapters.objects_s3 import S3Store
from archive.adapters.s3_client import Client, connect, parse_url
from archive.adapters.s3_policies import ROLES
from archive.errors import Forbidden
from archive.settings import load
from tests.servers.ceph import Ceph
from tests.servers.process import chat, here, numbers

_NUMBER = count()
PLACES = ("store", "control", "vault", "vault-copy")


class Firm:
    """A split archive on S3, with one account a role."""

    def __init__(self, ceph: Ceph, folder: Path) -> None:
        self.ceph, self.folder, self.name = ceph, folder, f"firm{next(_NUMBER)}"
        places = [part for place in PLACES for part in (f"--{place}", f"s3://{self.name}-{place}")]
        done = here(
            ceph.users["owner"], folder, "init", folder, "--split", "--endpoint", ceph.endpoint,
            "--timezone", "Europe/Berlin", *places, "--json",
        )  # fmt: skip
        assert done.code == 0, done.err
        self.policies = {Path(path).stem: Path(path).read_text() for path in done.json["policies"]}
        owner = ceph.users["owner"]
        iam = boto3.client(
            "iam", endpoint_url=ceph.endpoint, region_name="us-east-1",
            aws_access_key_id=owner.key, aws_secret_access_key=owner.secret,
        )  # fmt: skip
        for role, document in self.policies.items():
            iam.put_user_policy(UserName=role, PolicyName=self.name, PolicyDocument=document)

    def client(self, role: str) -> Client:
        user = self.ceph.users[role]
        return connect(self.ceph.endpoint, None, 20, credentials=(user.key, user.secret))

    def host(self, role: str) -> Path:
        """The computer of a role: beleg.toml and its own key folder, nothing else."""
        home = self.folder.parent / f"host-{role}" / "archive"
        if not home.exists():
            (home / "keys").mkdir(parents=True)
            shutil.copy(self.folder / "beleg.toml", home)
            shutil.copytree(self.folder / "keys" / role, home / "keys" / role)
        return home

    def beleg(self, role: str, *arguments: str | Path):  # type: ignore[no-untyped-def]
        return here(self.ceph.users[role], self.host(role), *arguments)


@pytest.fixture(scope="module")
def firm(ceph: Ceph, tmp_path_factory: pytest.TempPathFactory) -> Firm:
    return Firm(ceph, tmp_path_factory.mktemp("firm") / "archive")


def test_each_role_does_its_work(firm: Firm, tmp_path: Path) -> None:
    assert set(firm.policies) == set(ROLES)
    file = chat(tmp_path, "Werk", 0, 50)
    done = firm.beleg("ingest", "ingest", file, "--json")
    assert done.code == 0, done.err
    assert done.json[0]["items"] == 50
    for arguments in (
        ("search", "nachricht", "--json"),
        ("matter", "open", "Pumpe", "--reason", "Klage"),
        ("matter", "add", "M-1", "--search", "nummer"),
        ("hold", "place", "M-1", "--channel", "whatsapp", "--reason", "Klage", "--review", "2030-01-01"),
        ("export", "M-1", "--out", tmp_path / "bundle"),
    ):
        done = firm.beleg("legal", *arguments)
        assert done.code == 0, (arguments, done.err)
    assert numbers(firm.ceph.users["legal"], firm.host("legal"), "Werk") == list(range(50))
    done = firm.beleg("privacy", "keys", "copy", "--json")
    assert done.code == 0, done.err
    assert done.json["copied"] > 0
    done = firm.beleg("auditor", "verify", "--json")
    assert done.code == 0, done.out
    assert not [f for f in done.json["findings"] if f["kind"] == "not_copied"]
    assert firm.beleg("auditor", "ingest", file).code == 5
    assert firm.beleg("ingest", "search", "nachricht").code == 5


def test_a_server_without_the_condition_gets_a_pulled_copy(firm: Firm) -> None:
    """This server cannot demand If-None-Match, so ingestion has no right on the second copy."""
    assert load(firm.folder).places.second_copy == "pulled"
    assert not any("if-none-match" in document for document in firm.policies.values())
    done = firm.beleg("ingest", "doctor", "--json", "--no-keys")
    seen = {(p["place"], p["what"]): p for p in done.json["probes"]}
    assert seen["control", "overwrite"]["verdict"] == "weaker"
    assert "could write over" in seen["control", "overwrite"]["seen"]
    assert seen["control", "delete"]["verdict"] == "holds"
    assert seen["archive", "bypass"]["verdict"] == "holds"


def put(client: Client, bucket: str, key: str) -> None:
    client.put_object(Bucket=bucket, Key=key, Body=b"x")


@pytest.mark.parametrize("role", sorted(set(ROLES) - {"owner"}))
def test_what_the_server_can_forbid_is_forbidden(firm: Firm, role: str) -> None:
    from archive.adapters.s3_client import ask

    client, owner = firm.client(role), firm.client("owner")
    archive, control, vault, copy = (f"{firm.name}-{place}" for place in PLACES)
    store = S3Store(owner, parse_url(f"s3://{archive}"), locked=True)
    version = next(store.versions("segments/"))
    marker = next(S3Store(owner, parse_url(f"s3://{control}"), locked=False).names(""))
    page = next(S3Store(owner, parse_url(f"s3://{vault}"), locked=False).names(""))
    exact = {"Bucket": archive, "Key": version.name, "VersionId": version.version}
    forbidden = {
        "delete a version": lambda: client.delete_object(**exact),
        "delete a version with bypass": lambda: client.delete_object(**exact, BypassGovernanceRetention=True),
        "hide an object": lambda: client.delete_object(Bucket=archive, Key=version.name),
        "delete a marker": lambda: client.delete_object(Bucket=control, Key=marker),
        "end the lock of the bucket": lambda: client.put_object_lock_configuration(
            Bucket=archive, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled"}
        ),
        "let the bucket forget": lambda: client.put_bucket_lifecycle_configuration(
            Bucket=archive,
            LifecycleConfiguration={
                "Rules": [{"ID": "x", "Status": "Enabled", "Prefix": "", "Expiration": {"Days": 1}}]
            },
        ),
        "change the rights": lambda: client.put_bucket_policy(Bucket=control, Policy=json.dumps({})),
        "keep versions of keys": lambda: client.put_bucket_versioning(
            Bucket=vault, VersioningConfiguration={"Status": "Enabled"}
        ),
        "delete a bucket": lambda: client.delete_bucket(Bucket=copy),
    }
    if role != "privacy":
        forbidden["destroy keys"] = lambda: client.delete_object(Bucket=vault, Key=page)
        forbidden["write to the pulled copy"] = lambda: put(client, copy, page)
    if role == "auditor":
        for bucket in (archive, control, vault, copy):
            forbidden[f"write to {bucket}"] = lambda bucket=bucket: put(client, bucket, "probe/x")
    world = "uri=http://acs.amazonaws.com/groups/global/AllUsers"
    openings = [{"ACL": acl} for acl in ("public-read", "public-read-write", "authenticated-read")]
    openings += [{f"Grant{right}": world} for right in ("Read", "ReadACP", "WriteACP", "FullControl")]
    for opening in openings:
        for bucket in (archive, control, vault):
            forbidden[f"open what it writes to {bucket} by {opening}"] = (
                lambda bucket=bucket, opening=opening: client.put_object(
                    Bucket=bucket, Key="probe/open", Body=b"x", **opening
                )
            )
    for what, attempt in forbidden.items():
        try:
            ask(attempt, what)
        except Forbidden:
            continue
        pytest.fail(f"{role} could {what}")
    assert next(store.versions("segments/")) == version


def test_a_bypass_of_what_one_wrote_oneself(firm: Firm) -> None:
    """The one who uploaded an object owns it on this server, and could bypass unless denied."""
    from archive.adapters.s3_client import ask

    client, bucket = firm.client("ingest"), f"{firm.name}-store"
    written = client.put_object(Bucket=bucket, Key="probe/own", Body=b"x")
    with pytest.raises(Forbidden):
        ask(
            lambda: client.delete_object(
                Bucket=bucket, Key="probe/own", VersionId=written["VersionId"], BypassGovernanceRetention=True
            ),
            "bypass",
        )


def test_the_owner_hardens_what_others_wrote(ceph: Ceph, tmp_path: Path) -> None:
    """On this server an object belongs to who wrote it: without its document the owner may not even look."""
    from archive.adapters.s3_client import ask

    own = Firm(ceph, tmp_path / "archive")
    assert own.beleg("ingest", "ingest", chat(tmp_path, "Werk", 0, 5)).code == 0
    done = own.beleg("owner", "doctor", "--harden", "--years", "2", "--yes", "--json")
    assert done.code == 0, done.err
    owner, bucket = own.client("owner"), f"{own.name}-store"
    store = S3Store(owner, parse_url(f"s3://{bucket}"), locked=True)
    versions = [version for version in store.versions("") if not version.name.startswith("probe/")]
    assert len(versions) == done.json["locked"] > 0
    for version in versions:
        assert store.head(version.name, version.version)["ObjectLockMode"] == "COMPLIANCE"
        for bypass in ({}, {"BypassGovernanceRetention": True}):
            with pytest.raises(Forbidden):
                ask(
                    lambda version=version, bypass=bypass: owner.delete_object(
                        Bucket=bucket, Key=version.name, VersionId=version.version, **bypass
                    ),
                    "delete",
                )
    assert own.beleg("owner", "verify").code == 0
    again = own.beleg("owner", "doctor", "--harden", "--years", "1", "--yes")
    assert (again.code, "for less" in again.err) == (2, True), again.err


def test_doctor_lets_the_ingest_role_see_what_holds(firm: Firm) -> None:
    done = firm.beleg("ingest", "doctor", "--json")
    assert done.code == 3, done.err
    verdicts = {(probe["place"], probe["what"]): probe["verdict"] for probe in done.json["probes"]}
    assert not [place for place, verdict in verdicts.items() if verdict in ("broken", "unknown")]
    assert verdicts["keys", "ingest"] == "holds"
    assert verdicts["vault 2", "rights"] == "untested"
    assert len(verdicts) + 1 == len(done.json["probes"]), "nothing is told twice; locks has two promises"
    auditor = firm.beleg("auditor", "doctor", "--json")
    assert auditor.code == 3, auditor.out
    assert {p["verdict"] for p in auditor.json["probes"] if p["what"] == "rights"} == {"untested"}
