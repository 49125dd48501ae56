"""What the exporter writes, and what verify.py says of it."""

import base64
import json
import re
import subprocess
import sys
import warnings
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from archive.errors import FormatError, UsageError
from archive.exporters.bundle import Shown, export_bundle
from tests import bundle_checker
from tests.browser.page_source import unpacked
from tests.bundle_material import (
    HOSTILE,
    PNG,
    Draft,
    Material,
    capture,
    change,
    draft,
    founding_keys,
    item,
    public,
    small_archive,
)
from tests.tools import Tools


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("bundle") / "E-1"
    export_bundle(small_archive().given(), out)
    return out


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def checked(material: Material, folder: Path, *arguments: str, **options: str) -> tuple[int, str]:
    export_bundle(material.given(**options), folder)
    return bundle_checker.run(folder, *arguments)


def test_verify_py_as_a_stranger_runs_it(bundle: Path) -> None:
    done = subprocess.run(
        [sys.executable, "verify.py", "."], cwd=bundle, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "RESULT: INTACT" in done.stdout
    assert "1 of the numbers 0 to 8" in done.stdout
    assert "founding slip" in done.stdout
    assert done.stderr == ""


def test_the_same_input_gives_the_same_data(bundle: Path, tmp_path: Path) -> None:
    later = replace(small_archive().given(), created="2031-01-01T00:00:00Z", production="E-9")
    export_bundle(later, tmp_path / "again")
    first, second = files(bundle), files(tmp_path / "again")
    data = {path for path in first if path.startswith("bag/data/")}
    assert data == {path for path in second if path.startswith("bag/data/")}
    assert all(first[path] == second[path] for path in data)
    assert b"2026-03-02T09:00:00Z" not in b"".join(
        body for path, body in first.items() if path.startswith("bag/bag") or "README" in path
    )


def test_data_sha256_is_that_of_the_sorted_lines(bundle: Path) -> None:
    data = {path: body for path, body in files(bundle).items() if path.startswith("bag/data/")}
    lines = "".join(f"{sha256(data[path]).hexdigest()}  {path[4:]}\n" for path in sorted(data))
    statement = json.loads((bundle / "signatures/production.json").read_bytes())
    assert statement["data_sha256"] == sha256(lines.encode()).hexdigest()


def test_names_are_plain_and_nothing_withheld_is_in_any_byte(bundle: Path) -> None:
    for path, body in files(bundle).items():
        assert re.fullmatch(r"[A-Za-z0-9_./-]+", path), path
        assert b"geheim" not in body, path
        assert b"vertraulich" not in body, path
        assert b"vergessen" not in body, path
    digest = sha256(PNG).hexdigest()
    assert (bundle / f"bag/data/originals/{digest[:2]}/{digest}.png").read_bytes() == PNG


def test_exceptions_are_listed(bundle: Path) -> None:
    lines = [
        json.loads(line) for line in (bundle / "bag/data/metadata/exceptions.jsonl").read_text().splitlines()
    ]
    assert lines == [
        {"count": 1, "index": 6, "reason": "attachment_missing"},
        {"facets": ["text", "body", "raw"], "index": 10, "reason": "withheld"},
        {"index": 12, "reason": "no_key"},
    ]


def test_hostile_text_comes_through_unchanged(bundle: Path) -> None:
    rows = [
        json.loads(line)
        for line in (bundle / "bag/data/records/records_0001.jsonl").read_text().split("\n")[:-1]
    ]
    row = next(row for row in rows if row["index"] == 6)
    assert json.loads(row["facets"][6][1]) == ["text", HOSTILE]
    assert "</script><script>alert" not in unpacked((bundle / "START_verify.html").read_text())


def test_the_bag_is_valid_for_bagit(bundle: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        bagit = pytest.importorskip("bagit")
        assert bagit.Bag(str(bundle / "bag")).validate()


def test_openssl_checks_the_signatures_as_verify_txt_says(bundle: Path, tmp_path: Path, tools: Tools) -> None:
    tools.need("openssl")
    text = (bundle / "VERIFY.txt").read_text()
    script = text[text.index("cat > writer.pem") : text.index("   (Run it in a copy")]
    command = f"set -e; ln -s {bundle}/signatures signatures; {script}"
    done = subprocess.run(["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout.count("Signature Verified Successfully") == 3, done.stdout + done.stderr
    sums = "cd bag && sha256sum --check --strict tagmanifest-sha256.txt manifest-sha256.txt"
    assert subprocess.run(["bash", "-c", sums], cwd=bundle, capture_output=True, check=False).returncode == 0


def test_log_key_and_outside_heads(bundle: Path, tmp_path: Path) -> None:
    log_key = json.loads((bundle / "signatures/production.json").read_bytes())["log_key"]
    code, text = bundle_checker.run(bundle, "--log-key", log_key)
    assert (code, "founding slip of the archive" in text) == (0, False)
    other = small_archive().given(log="owner").log_key
    assert bundle_checker.run(bundle, "--log-key", other)[0] == 3
    assert bundle_checker.run(bundle, "--log-key", "x")[0] == 2
    assert bundle_checker.run(tmp_path / "none")[0] == 2
    head = tmp_path / "head.txt"
    head.write_bytes(small_archive().checkpoint())
    assert bundle_checker.run(bundle, "--head", str(head))[0] == 0
    head.write_bytes(b"\xef\xbb\xbf" + small_archive().checkpoint().replace(b"\n", b"\r\n") + b"\r\n")
    assert bundle_checker.run(bundle, "--head", str(head))[0] == 0, "as an editor writes it"
    head.write_bytes(small_archive().checkpoint(5))
    assert bundle_checker.run(bundle, "--head", str(head))[0] == 4
    forked = small_archive()
    forked.hashes[3] = bytes(32)
    head.write_bytes(forked.checkpoint())
    assert bundle_checker.run(bundle, "--head", str(head))[0] == 3


def test_an_export_goes_into_a_new_folder_only(bundle: Path) -> None:
    with pytest.raises(UsageError):
        export_bundle(small_archive().given(), bundle)


@pytest.mark.parametrize("what", ["facet", "path", "order", "header", "string", "index"])
def test_what_does_not_prove_itself_is_not_handed_out(what: str, tmp_path: Path) -> None:
    given = small_archive().given()
    records = list(given.records)
    at = 3
    record = records[at]
    if what == "facet":
        assert record.facets
        records[at] = replace(record, facets=(Shown(bytes(32), b'["what",null]'), *record.facets[1:]))
    elif what == "path":
        records[at] = replace(record, path=record.path[:-1])
    elif what == "order":
        records[at], records[at + 1] = records[at + 1], records[at]
    elif what == "header":
        records[at] = replace(record, header=records[0].header)
    elif what == "index":
        records[at] = replace(record, index=9)
    else:
        made = small_archive()
        made.made[2].string = PNG[:-1] + b"x"
        records = list(made.records())
    with pytest.raises(FormatError):
        export_bundle(replace(given, records=records), tmp_path / "out")


def keys_draft(*changes: object) -> Draft:
    return Draft("keys", "clear", "keys", {"changes": list(changes)})


def test_a_writer_counts_only_after_its_segment(tmp_path: Path) -> None:
    material = Material().found()
    added = keys_draft(change("add", "writer", "ingest", "ingest 2"))
    material.append("owner", [added])
    material.append("ingest 2", [draft(item(1, "gut"))])
    assert checked(material, tmp_path / "good")[0] == 0
    material.append("owner", [keys_draft(change("retire", "writer", "ingest", "ingest 2"))])
    material.append("ingest 2", [draft(item(2, "zu spät"))])
    code, text = checked(material, tmp_path / "late")
    assert (code, "record 5: segment header: writer" in text) == (3, True)


def test_a_wrong_role_writer_and_signature_are_found(tmp_path: Path) -> None:
    material = Material().found()
    material.append("legal", [draft(item(1, "von der falschen Rolle"))])
    code, text = checked(material, tmp_path / "role")
    assert (code, "record 2: the role legal may not write item" in text) == (3, True)
    material = Material().found()
    material.append("ingest", [draft(item(1, "untergeschoben"))], as_writer="legal")
    code, text = checked(material, tmp_path / "signature")
    assert (code, "segment header" in text) == (3, True)


def test_another_log_key_or_a_bundle_signed_by_ingest_is_found(tmp_path: Path) -> None:
    material = small_archive()
    code, text = checked(material, tmp_path / "log", log="privacy")
    assert (code, "no log key that counts signed" in text) == (3, True)
    code, text = checked(material, tmp_path / "writer", writer="ingest")
    assert (code, "not a registered legal writer" in text) == (3, True)


def test_keys_that_break_a_rule_change_nothing(tmp_path: Path) -> None:
    small = bytes(32)
    bad = change("add", "writer", "ingest", "ingest 3")
    for number, broken in enumerate(
        [
            {**bad, "public": small.hex()},
            {**bad, "role": "auditor"},
            {**bad, "epoch": 1},
            {**bad, "id": "00" * 16},
            change("add", "writer", "ingest", "ingest"),
            change("retire", "log", "log", "log"),
            change("retire", "writer", "ingest", "ingest 9"),
        ]
    ):
        material = Material().found()
        material.append("owner", [keys_draft(broken)])
        code, text = checked(material, tmp_path / str(number))
        assert (code, "record 2: " in text) == (3, True), text


def test_an_unknown_algorithm_or_kind_could_not_be_told(tmp_path: Path) -> None:
    founding = founding_keys()
    founding["changes"].append({**change("add", "log", "log", "log 2", "ed448"), "algorithm": "ed448"})
    material = Material()
    material.append("owner", [Draft("genesis", "clear", "keys", {"format": 1, "origin": material.origin}),
                              Draft("keys", "clear", "keys", founding)])  # fmt: skip
    code, text = checked(material, tmp_path / "out")
    assert (code, "could not tell" in text.lower()) == (4, True)


def test_a_capture_without_its_bytes_is_said_not_found(tmp_path: Path) -> None:
    material = Material().found()
    material.append("ingest", [draft(capture(PNG, "image/png", "a.png"), stream="captures")])
    code, text = checked(material, tmp_path / "out")
    assert (code, "1 files that records name are not in this bundle" in text) == (0, True)


def test_the_pem_in_verify_txt_is_the_key(bundle: Path) -> None:
    text = (bundle / "VERIFY.txt").read_text()
    assert base64.b64encode(bytes.fromhex("302a300506032b6570032100") + public("log")).decode() in text
