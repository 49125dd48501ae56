"""Bundles and proofs of one record: with time stamps, without, and as foreign eyes check them."""

import json
import re
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pypdfium2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archive.core import signed_note
from tests import bundle_checker
from tests.authority import Ca, Server, Stamper, redated
from tests.commandline.conftest import Beleg
from tests.tools import Tools


@pytest.fixture
def two(tmp_path: Path, tools: Tools) -> Iterator[tuple[Server, Server]]:
    tools.need("openssl")
    servers = [Server(Stamper(tmp_path / name, name)).start() for name in ("nord", "sued")]
    yield servers[0], servers[1]
    for server in servers:
        server.stop()


def _bundle(beleg: Beleg, chat: Path, out: Path, *, stamp: bool = False) -> None:
    assert beleg("ingest", chat).code == 0
    assert not stamp or beleg("proof", "anchor").code == 0
    beleg("matter", "open", "Pumpe", "--reason", "Klage")
    beleg("matter", "add", "M-1", "--search", "garantie")
    assert beleg("export", "M-1", "--out", out).code == 0


def test_a_bundle_without_tokens_says_no_time_proof(
    beleg: Beleg, archive: Path, chat: Path, tmp_path: Path
) -> None:
    _bundle(beleg, chat, tmp_path / "b")
    assert "NO TIME PROOF" in (tmp_path / "b" / "README.txt").read_text()
    assert "KEIN ZEITBEWEIS" in (tmp_path / "b" / "README.txt").read_text()
    code, said = bundle_checker.run(tmp_path / "b")
    assert code == 0
    assert "NO TIME PROOF" in said


def test_a_bundle_with_tokens(
    beleg: Beleg, archive: Path, chat: Path, tmp_path: Path, two: tuple[Server, Server]
) -> None:
    file = archive / "beleg.toml"
    file.write_text(file.read_text() + "".join(server.settings() for server in two))
    beleg("proof", "anchor")
    bundle = tmp_path / "b"
    _bundle(beleg, chat, bundle, stamp=True)
    assert "NO TIME PROOF" not in (bundle / "README.txt").read_text()
    tokens = sorted((bundle / "signatures" / "tokens").glob("*.tst"))
    assert len(tokens) == 4, "two authorities before, two after"
    production = json.loads((bundle / "signatures/production.json").read_text())
    now = datetime.now(UTC).timestamp()
    assert len(production["stamps"]) == 4, "the page shows by these when each record was sealed"
    for index, size, earliest, latest in production["stamps"]:
        assert 0 < size <= index < production["size"]
        assert now - 600 < earliest <= latest <= now + 600
    with pypdfium2.PdfDocument(bundle / "bag/data/report/report_0001.pdf") as document:
        cover = " ".join(document[0].get_textpage().get_text_range().split())
    assert re.search(r"Versiegelt zwischen \d{4}-\d\d-\d\d [\d:]+ UTC – \d{4}-\d\d-\d\d [\d:]+ UTC", cover)
    code, said = bundle_checker.run(bundle)
    assert code == 4, said
    assert "time not fully checked" in said
    assert bundle_checker.run(bundle, "--no-time")[0] == 0
    _openssl_agrees(said, bundle, two)
    _by_hand_too(bundle, two)
    assert beleg("verify", bundle).code == 0, "Beleg itself checks the chain"
    (tmp_path / "other.pem").write_bytes(Ca("other").pem)
    other = beleg("verify", bundle, "--authority", tmp_path / "other.pem")
    assert (other.code, "NO TIME PROOF by the authorities given" in other.out) == (4, True)
    one = beleg("verify", bundle, "--authority", two[0].stamper.folder / "roots.pem")
    assert (one.code, "ends in none of the certificates given" in one.out) == (0, True)


def _openssl_agrees(said: str, bundle: Path, two: tuple[Server, Server]) -> None:
    """The lines that verify.py prints are run as they stand, but for the root of each authority."""
    lines = [line.partition("chain: ")[2] for line in said.splitlines() if "chain: openssl" in line]
    assert len(lines) == 4
    good = 0
    for line in lines:
        for server in two:
            root = str(server.stamper.folder / "roots.pem")
            command = [root if word.startswith("ROOT_") else word for word in line.split()]
            done = subprocess.run(command, cwd=bundle, capture_output=True, text=True, check=False)
            good += done.returncode == 0
    assert good == 4, "each token by the root of its own authority, and by no other"


def _by_hand_too(bundle: Path, two: tuple[Server, Server]) -> None:
    """What VERIFY.txt says of hashes and time stamps, as it stands."""
    text = (bundle / "VERIFY.txt").read_text()
    lines = text[text.index("   sha256sum START") : text.index("   Compare with")]
    listed = json.loads((bundle / "signatures/statement.json").read_bytes())["files"]
    hashed = subprocess.run(
        ["bash", "-c", lines], cwd=bundle, capture_output=True, text=True, check=True
    ).stdout
    told = {path: digest for digest, path in (line.split("  ") for line in hashed.splitlines())}
    assert told == {path: digest for path, digest in listed if path in told}
    assert all(path in told or path.startswith("bag/") for path, _ in listed)
    roots = bundle.parent / "ROOTS.pem"
    roots.write_bytes(b"".join((one.stamper.folder / "roots.pem").read_bytes() for one in two))
    loop = text[text.index("for token") : text.index("\ndone") + 5].replace("ROOTS.pem", f"'{roots}'")
    done = subprocess.run(["bash", "-c", loop], cwd=bundle, capture_output=True, text=True, check=False)
    assert done.stdout.count("Verification: OK") == 4, done.stdout + done.stderr
    assert done.stdout.count("Time stamp: ") == 4


@pytest.mark.parametrize("what", ["token", "note", "swapped", "entry", "consistency", "nonce"])
def test_a_tampered_token_is_seen_by_both(
    beleg: Beleg, archive: Path, chat: Path, tmp_path: Path, two: tuple[Server, Server], what: str
) -> None:
    file = archive / "beleg.toml"
    file.write_text(file.read_text() + two[0].settings())
    bundle = tmp_path / "b"
    beleg("proof", "anchor")
    _bundle(beleg, chat, bundle, stamp=True)
    folder = bundle / "signatures" / "tokens"
    index = bundle / "signatures" / "tokens.json"
    if what == "token":
        data = bytearray((folder / "0001.tst").read_bytes())
        data[-5] ^= 1
        (folder / "0001.tst").write_bytes(bytes(data))
    elif what == "note":
        (folder / "0001.note").write_bytes((folder / "0002.note").read_bytes())
    elif what == "swapped":
        (folder / "0001.tst").write_bytes((folder / "0002.tst").read_bytes())
    elif what == "nonce":
        (folder / "0001.tsq").write_bytes((folder / "0002.tsq").read_bytes())
    else:
        value = json.loads(index.read_text())
        row = value["tokens"][0]
        if what == "entry":
            row["index"] += 1
        else:
            row["consistency"] = row["consistency"][:-1]
        index.write_text(json.dumps(value, sort_keys=True, separators=(",", ":")))
    code, said = bundle_checker.run(bundle, "--no-time")
    assert code == 3
    assert "tokens" in said
    assert said.count("FINDING") >= 2, "the digest in the statement, and the token by itself"
    assert beleg("verify", bundle).code == 3


def test_an_authority_that_lies_about_the_time_is_seen_by_both(
    beleg: Beleg, archive: Path, chat: Path, tmp_path: Path, two: tuple[Server, Server],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Its token is refused at receipt; and in a ledger that holds one all the same it is a finding."""
    file = archive / "beleg.toml"
    file.write_text(file.read_text() + "".join(server.settings() for server in two))
    assert beleg("proof", "anchor").code == 0
    yesterday = datetime.now(UTC) - timedelta(days=1)
    two[1].change = lambda request, answer: redated(two[1].stamper, answer, yesterday)
    done = beleg("proof", "anchor", "--json")
    problems = {row["authority"]: row["problem"] for row in done.json}
    assert (done.code, problems["nord"], "one of both clocks" in problems["sued"]) == (4, None, True), (
        done.json
    )
    assert beleg("verify").code == 0
    monkeypatch.setattr("archive.services.anchor._check_clock", lambda *_: None)
    _bundle(beleg, chat, tmp_path / "b", stamp=True)
    assert "bad_token" in {f["kind"] for f in beleg("verify", "--json").json["findings"]}
    code, said = bundle_checker.run(tmp_path / "b", "--no-time")
    assert (code, "what it stamps comes after" in said) == (3, True), said


@pytest.mark.parametrize(("roots", "code", "verdict"), [("own", 0, "INTACT"), ("none", 4, "COULD NOT TELL")])
def test_there_is_one_verdict_and_it_comes_last(
    beleg: Beleg, archive: Path, chat: Path, tmp_path: Path, two: tuple[Server, Server],
    roots: str, code: int, verdict: str,
) -> None:  # fmt: skip
    file, given = archive / "beleg.toml", tmp_path / "given.pem"
    file.write_text(file.read_text() + two[0].settings())
    _bundle(beleg, chat, tmp_path / "b", stamp=True)
    given.write_bytes(two[0].stamper.ca.pem if roots == "own" else Ca("another").pem)
    done = beleg("verify", tmp_path / "b", "--authority", given)
    results = [line for line in done.out.splitlines() if line.startswith("RESULT:")]
    assert (done.code, len(results)) == (code, 1)
    assert results[0].startswith(f"RESULT: {verdict}")
    assert done.out.splitlines()[-1] == results[0]


def test_a_proof_of_one_record(beleg: Beleg, archive: Path, chat: Path, tmp_path: Path) -> None:
    beleg("ingest", chat)
    number = beleg("search", "garantie", "--json").json["hits"][0]["number"]
    file = tmp_path / "one.proof"
    assert beleg("proof", "item", number, "--out", file).code == 0
    assert "fünf Jahre" in file.read_text()
    code, said = bundle_checker.run(file)
    assert code == 0, said
    assert beleg("verify", file).code == 0
    key = next(line.split()[-1] for line in said.splitlines() if line.startswith("Log key"))
    assert bundle_checker.run(file, "--log-key", key)[0] == 0
    assert beleg("proof", "item", number, "--out", file).code == 2, "never over another file"
    bare = tmp_path / "bare.proof"
    assert beleg("proof", "item", number, "--bare", "--out", bare).code == 0
    assert "fünf Jahre" not in bare.read_text()
    assert bundle_checker.run(bare)[0] == 0
    closed = beleg("proof", "item", "2", "--out", tmp_path / "2.proof")
    assert (closed.code, "--bare" in closed.err) == (5, True), "of the class state, which this shows nobody"
    for old, new in (("fünf", "zehn"), ('"time":', '"time":1'), ("AAA", "AAB")):
        text = file.read_text()
        if old in text:
            file.with_name("bad.proof").write_text(text.replace(old, new, 1))
            assert bundle_checker.run(file.with_name("bad.proof"))[0] in (3, 4)


def test_a_head_of_later_under_a_key_of_later_convicts_no_bundle(
    beleg: Beleg, archive: Path, chat: Path, tmp_path: Path
) -> None:
    _bundle(beleg, chat, tmp_path / "b")
    assert beleg("keys", "rotate", "--log").code == 0
    assert beleg("proof", "head", "--out", tmp_path / "later.note").code == 0
    code, said = bundle_checker.run(tmp_path / "b", "--head", str(tmp_path / "later.note"))
    assert (code, "ask the archive itself" in said) == (4, True), said
    (tmp_path / "notes.txt").write_text("a file of the auditor's own")
    code, said = bundle_checker.run(tmp_path / "b", "--head", str(tmp_path / "notes.txt"))
    assert (code, "not a signed note" in said) == (4, True), said


def test_a_slip_from_before_a_rotation_is_told_apart_from_a_foreign_one(
    beleg: Beleg, archive: Path, chat: Path, tmp_path: Path
) -> None:
    assert beleg("keys", "rotate", "--log").code == 0
    _bundle(beleg, chat, tmp_path / "b")
    code, said = bundle_checker.run(tmp_path / "b", "--log-key", str(archive / "founding-slip.txt"))
    assert (code, "replaced it, ask the owner for the newer slip" in said) == (3, True), said
    foreign = signed_note.verifier_key(
        "foreign", Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    )
    code, said = bundle_checker.run(tmp_path / "b", "--log-key", foreign)
    assert (code, "given with --log-key" in said, "replaced it" in said) == (3, True, False)


def test_a_sealing_is_bounded_by_no_more_than_the_authority_knows(
    beleg: Beleg, archive: Path, chat: Path, tmp_path: Path, two: tuple[Server, Server]
) -> None:
    moment = datetime.now(UTC).replace(microsecond=0)
    two[0].change = lambda _, answer: redated(two[0].stamper, answer, moment, seconds=60, millis=500)
    file = archive / "beleg.toml"
    file.write_text(file.read_text() + two[0].settings())
    _bundle(beleg, chat, tmp_path / "b", stamp=True)
    said = bundle_checker.run(tmp_path / "b", "--no-time")[1]
    begin, end = (moment + timedelta(seconds=61 * way) for way in (-1, 1))
    assert f"sealed before {end:%Y-%m-%d %H:%M:%S} UTC" in said
    assert f"after {begin:%Y-%m-%d %H:%M:%S} UTC by" in said


def test_a_request_that_its_record_does_not_name_and_an_empty_list_of_tokens_are_findings(
    beleg: Beleg, archive: Path, chat: Path, tmp_path: Path, two: tuple[Server, Server]
) -> None:
    file = archive / "beleg.toml"
    file.write_text(file.read_text() + two[0].settings())
    _bundle(beleg, chat, tmp_path / "b", stamp=True)
    place = tmp_path / "b" / "signatures"
    request = min((place / "tokens").glob("*.tsq"))
    request.write_bytes(request.read_bytes() + b"\0")
    assert "a request that its record does not name" in bundle_checker.run(tmp_path / "b", "--no-time")[1]
    request.unlink()
    assert "nonce not checked" in bundle_checker.run(tmp_path / "b", "--no-time")[1]
    tokens = place / "tokens.json"
    tokens.write_text(json.dumps({"format": "beleg/tokens/v1", "tokens": []}, separators=(",", ":")))
    code, said = bundle_checker.run(tmp_path / "b", "--no-time")
    assert (code, "no token in it" in said) == (3, True), said


def test_the_answer_to_a_proof_names_its_record(
    beleg: Beleg, archive: Path, chat: Path, tmp_path: Path
) -> None:
    assert beleg("ingest", chat).code == 0
    number = beleg("search", "garantie", "--json").json["hits"][0]["number"]
    for record, said in ((number, f"of record {number}."), (0, "none but those about keys")):
        proof = tmp_path / f"{record}.proof"
        assert beleg("proof", "item", record, "--out", proof).code == 0
        assert said in bundle_checker.run(proof)[1]
