"""Erasing on a real server, by the accounts of a firm: legal may not destroy, privacy may not read."""

import shutil
from pathlib import Path

import pytest

from archive.adapters.objects_s3 import S3Store
from archive.adapters.s3_client import Client, parse_url
from archive.core.keypage import MAX_PAGE
from archive.errors import Forbidden, Unfinished
from archive.ledger.drafts import Draft
from archive.ledger.erasing import PageEraser
from tests.ledger_kit import erase_draft, item_draft
from tests.servers.ceph import Ceph
from tests.servers.conftest import Buckets
from tests.servers.process import chat
from tests.servers.s3_kit import found
from tests.servers.test_s3_roles import Firm


@pytest.fixture
def firm(ceph: Ceph, tmp_path: Path) -> Firm:
    return Firm(ceph, tmp_path / "archive")


def test_two_halves_on_s3_and_an_old_page_that_comes_back(firm: Firm, tmp_path: Path) -> None:
    assert firm.beleg("ingest", "ingest", chat(tmp_path, "Werk", 0, 20), "--json").code == 0
    (hit, *_) = firm.beleg("legal", "search", '"nummer 7"', "--json").json["hits"]
    done = firm.beleg(
        "legal", "erase", "request", "--item", str(hit["number"]), "--ground", "17-1a", "--json"
    )
    assert done.code == 0, done.err
    assert firm.beleg("legal", "approve", "D-1", "--key", "legal").code == 0
    approved = firm.beleg("privacy", "approve", "D-1", "--key", "privacy")
    assert approved.code == 0, approved.err
    vaults = [f"s3://{firm.name}-vault", f"s3://{firm.name}-vault-copy"]
    stores = [S3Store(firm.client("privacy"), parse_url(place), locked=False) for place in vaults]
    (page,) = (name for name in stores[0].names("keys/") if "/content/" in name)
    before = stores[0].get(page, limit=MAX_PAGE)
    # This server cannot keep writers from writing over the first copy; the second is privacy's alone.
    refused = S3Store(firm.client("legal"), parse_url(vaults[1]), locked=False)
    with pytest.raises(Forbidden):
        refused.overwrite(page, before)
    ordered = firm.beleg("legal", "erase", "run", "R-1", "--json")
    assert ordered.code == 4, ordered.err
    assert stores[0].get(page, limit=MAX_PAGE) == before, "ordered, and not destroyed by legal"
    pulled = firm.beleg("privacy", "keys", "copy")
    assert pulled.code == 0, pulled.err
    destroyed = firm.beleg("privacy", "erase", "run", "--json")
    assert destroyed.code == 0, destroyed.err
    assert destroyed.json["zeroed"] >= 4
    after = stores[0].get(page, limit=MAX_PAGE)
    assert after != before
    assert stores[1].get(page, limit=MAX_PAGE) == after
    told = firm.beleg("legal", "erase", "certificate", "R-1", "--json")
    assert told.code == 0, told.err
    stores[1].overwrite(page, before)
    kinds = {f["kind"] for f in firm.beleg("auditor", "verify", "--json").json["findings"]}
    assert "key_returned" in kinds
    again = firm.beleg("privacy", "erase", "run", "--json")
    assert again.json["returned"] >= 2
    report = firm.beleg("auditor", "verify", "--level", "1", "--json")
    assert [f for f in report.json["findings"] if f["kind"] not in ("duplicate", "clock")] == []
    held = firm.beleg("legal", "matter", "open", "Pumpe", "--reason", "Klage")
    assert held.code == 0
    firm.beleg(
        "legal",
        "hold",
        "place",
        "M-1",
        "--channel",
        "whatsapp",
        "--reason",
        "Klage",
        "--review",
        "2030-01-01",
    )
    locked = firm.beleg("legal", "hold", "check", "--years", "1", "--json")
    assert locked.code == 0, locked.err
    assert locked.json["extended"] > 0, "the trial lock of days is lengthened for what is held"
    assert firm.beleg("legal", "hold", "check", "--years", "1", "--json").json["extended"] == 0


def test_a_lock_that_is_shorter_than_a_class_is_told(firm: Firm, tmp_path: Path) -> None:
    """The trial lock of thirty days, and a policy that demands six years: `status` says so."""
    file = tmp_path / "policy.toml"
    file.write_text('reason = "HGB"\n[[rules]]\nname = "letter"\nkinds = ["message"]\n', encoding="utf-8")
    assert firm.beleg("legal", "policy", "propose", file).code == 0
    for role in ("legal", "privacy"):
        assert firm.beleg(role, "approve", "D-1", "--key", role).code == 0
    # The owner has no account of its own on the server: the key is brought to the computer of another role.
    shutil.copytree(firm.folder / "keys" / "owner", firm.host("legal") / "keys" / "owner")
    done = firm.beleg("legal", "policy", "enact", "D-1")
    assert done.code == 0, done.err
    told = " ".join(firm.beleg("legal", "status", "--json").json["warnings"])
    assert "--harden --years 7" in told


def test_a_vault_that_began_to_keep_versions_is_told_and_counts_for_no_receipt(
    buckets: Buckets, owner: Client
) -> None:
    """Somebody let the bucket keep versions after the founding: what is zeroed lives on behind it."""
    kit = found(buckets).kit()
    ledger = kit.ledger()
    ledger.follow()
    kit.append(ledger, "ingest", item_draft("one"), item_draft("two"))
    kit.append(ledger, "privacy", Draft("oversight", "request", values={}))
    kit.append(ledger, "legal", erase_draft(kit, ledger, [[2, 2]], request=4))
    bucket = buckets.address("vault").bucket
    owner.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    with pytest.raises(Unfinished, match="this bucket keeps versions"):
        PageEraser(ledger, kit.vaults).run(ledger.state.erasures)
    done = PageEraser(ledger, kit.vaults).run(ledger.state.erasures)
    assert (done.digests, len(done.problems)) == ({}, 1)
    assert "vault copy 1 keeps the keys in older versions; `beleg keys copy --from 2" in done.problems[0]
    (alone,) = PageEraser(ledger, kit.vaults[:1]).run(ledger.state.erasures).problems
    assert "--from 1 --into NEW` makes a second" in alone
    told = [one.text for one in kit.verify(0).findings if one.kind == "unexpected"]
    assert told == ["vault copy 1 keeps older versions of 1 objects: a destroyed key may live on in one"]
