"""Which checker sees which tampering: sha256sum, bagit, by hand with openssl, verify.py without and with the key of
the founding slip, the page as opened, the page given the whole folder."""

import json
import subprocess
import warnings
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import NoEncryption, pkcs12

from archive.adapters.seal_cades import CertificateSeal
from archive.exporters.bundle import export_bundle
from tests import bundle_checker
from tests.authority import Ca
from tests.browser.chromium import Chromium
from tests.browser.tamperings import SEAL, TABLE, Tamper, table
from tests.bundle_material import copy_tree, small_archive
from tests.tools import Tools

README = Path(__file__).parents[2] / "README.md"


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("bundle")
    root, key = Ca("Wurzel"), ec.generate_private_key(ec.SECP256R1())
    own = root.issue("Rechtsabteilung", key.public_key())
    file = place / "seal.p12"
    file.write_bytes(pkcs12.serialize_key_and_certificates(b"s", key, own, None, NoEncryption()))
    (place / "root.pem").write_bytes(root.pem)
    given = replace(small_archive().given(), seal=CertificateSeal(file, b"", []))
    export_bundle(given, place / "E-1")
    return place / "E-1"


@pytest.fixture(scope="module")
def chromium(tools: Tools, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    browser = Chromium(tools.need("chromium"), tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


def sums_say(folder: Path) -> bool:
    command = ["sha256sum", "--check", "--strict", "--quiet", "tagmanifest-sha256.txt", "manifest-sha256.txt"]
    return subprocess.run(command, cwd=folder / "bag", capture_output=True, check=False).returncode != 0


def bagit_says(folder: Path) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import bagit

        try:
            return not bagit.Bag(str(folder / "bag")).is_valid()
        except bagit.BagError:
            return True


def by_hand_says(folder: Path, good: Path) -> bool:
    """Do what VERIFY.txt says, from a copy of it that is to be trusted."""
    text = (good / "VERIFY.txt").read_text()
    script = text[text.index("cat > writer.pem") : text.index("   (Run it in a copy")]
    place = folder.parent / "by hand"
    place.mkdir()
    command = f"ln -s '{folder}/signatures' signatures; {script}"
    done = subprocess.run(["bash", "-c", command], cwd=place, capture_output=True, text=True, check=False)
    seal = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", SEAL, "-content",
            "signatures/statement.json", "-CAfile", str(good.parent / "root.pem"), "-purpose", "any",
            "-out", "/dev/null"]  # fmt: skip
    if done.stdout.count("Signature Verified Successfully") != 3:
        return True
    sealed = json.loads((folder / "signatures/statement.json").read_bytes()).get("sealed")
    if sealed and subprocess.run(seal, cwd=folder, capture_output=True, check=False).returncode:
        return True
    return not _lists_fit(folder)


def _lists_fit(folder: Path) -> bool:
    def digest(path: str) -> str:
        file = folder / path
        return sha256(file.read_bytes()).hexdigest() if file.is_file() else "missing"

    signed = {
        name: (folder / f"signatures/{name}.sig").read_text().split("\n")[2]
        for name in ("statement", "production")
    }
    statement = json.loads((folder / "signatures/statement.json").read_bytes())
    production = json.loads((folder / "signatures/production.json").read_bytes())
    bag = [line.split("  ") for line in (folder / "bag/manifest-sha256.txt").read_text().splitlines()]
    listed = dict(statement["files"]) | {f"bag/{path}": value for value, path in bag}
    own = {"signatures/statement.json", "signatures/statement.sig", SEAL}
    there = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    return (
        all(digest(f"signatures/{name}.json") == value for name, value in signed.items())
        and production["data_sha256"] == digest("bag/manifest-sha256.txt")
        and all(digest(path) == value for path, value in listed.items())
        and there <= listed.keys() | own
    )


def found_by(folder: Path, good: Path, chromium: Chromium, log_key: str) -> str:
    page = chromium.open(folder / "START_verify.html")
    opened = page.wait("verdict")
    if page.ask("Boolean(document.getElementById('folder'))"):
        page.give_folder("#folder", folder)
    whole = page.wait("folder", 20)
    page.close()
    answers = {
        "s": sums_say(folder),
        "b": bagit_says(folder),
        "o": by_hand_says(folder, good),
        "v": bundle_checker.run(folder)[0] == 3,
        "k": bundle_checker.run(folder, "--log-key", log_key)[0] == 3,
        "p": opened != "intact",
        "f": whole != "intact" or opened != "intact",
    }
    return "".join(letter for letter, found in answers.items() if found)


def test_nobody_finds_anything_in_a_good_bundle(bundle: Path, tmp_path: Path, chromium: Chromium) -> None:
    assert (
        found_by(copy_tree(bundle, tmp_path / "E-1"), bundle, chromium, small_archive().given().log_key) == ""
    )


@pytest.mark.parametrize(("tamper", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_who_finds_what(
    bundle: Path, tmp_path: Path, chromium: Chromium, tamper: Tamper, expected: str
) -> None:
    folder = copy_tree(bundle, tmp_path / "E-1")
    tamper(folder)
    assert found_by(folder, bundle, chromium, small_archive().given().log_key) == expected


def test_the_readme_tells_what_is_tested() -> None:
    assert len(TABLE) >= 40
    assert table() in README.read_text()
