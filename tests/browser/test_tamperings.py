"""Which checker sees which tampering: sha256sum, bagit, verify.py without and with the key of the founding
slip, the page as opened, the page given the whole folder.
"""

import shutil
import subprocess
import warnings
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from archive.exporters.bundle import export_bundle
from tests import bundle_checker
from tests.browser.chromium import Chromium
from tests.bundle_material import PNG, Draft, Material, change, copy_tree, draft, item, small_archive
from tests.properties.test_bundle_tampering import relist
from tests.tools import Tools

RECORDS = "bag/data/records/records_0001.jsonl"
ORIGINAL = f"bag/data/originals/{sha256(PNG).hexdigest()[:2]}/{sha256(PNG).hexdigest()}.png"


def replace_in(*names: str, old: str, new: str) -> Callable[[Path], None]:
    def tamper(folder: Path) -> None:
        for name in names:
            text = (folder / name).read_text()
            assert old in text
            (folder / name).write_text(text.replace(old, new))

    return tamper


def everywhere_relisted(old: str, new: str) -> Callable[[Path], None]:
    def tamper(folder: Path) -> None:
        replace_in(RECORDS, "START_verify.html", old=old, new=new)(folder)
        relist(folder)

    return tamper


def without_a_record(folder: Path) -> None:
    line = (folder / RECORDS).read_text().split("\n")[4] + "\n"
    everywhere_relisted(line, "")(folder)


def forged_page(folder: Path) -> None:
    (folder / "START_verify.html").write_text('<body data-verdict="intact" data-folder="intact">INTACT')


def forged_checker(folder: Path) -> None:
    (folder / "verify.py").write_text("print('RESULT: INTACT')")


def older_checkpoint(folder: Path) -> None:
    (folder / "signatures/checkpoint.txt").write_bytes(small_archive().checkpoint(13))


def forged_whole(folder: Path) -> None:
    """Somebody founds an archive of the same name with keys of their own and invents everything."""
    roles = ("owner", "ingest", "legal", "privacy", "recovery")
    founding = [
        change("add", "writer", role, f"{role}" if role == "legal" else f"forged {role}") for role in roles
    ]
    founding += [
        change("add", "recipient", role, f"f {role}", "x25519") for role in ("ingest", "content", "oversight")
    ]
    material = Material()
    genesis = Draft("genesis", "clear", "keys", {"format": 1, "origin": material.origin})
    founding.append(change("add", "log", "log", "forged log"))
    material.append("forged owner", [genesis, Draft("keys", "clear", "keys", {"changes": founding})])
    material.append("forged ingest", [draft(item(1, "erfunden"))])
    shutil.rmtree(folder)
    export_bundle(material.given(log="forged log"), folder)


def cut_note(folder: Path) -> None:
    (folder / "signatures/statement.sig").unlink()


TABLE: list[tuple[str, Callable[[Path], None], str]] = [
    # who finds it: s sha256sum, b bagit, v verify.py, k verify.py --log-key, p page, f page with folder
    ("a word in a record", replace_in(RECORDS, old="fünf Jahre", new="zwei Jahre"), "sbvkf"),
    ("a word on the page", replace_in("START_verify.html", old="fünf Jahre", new="zwei Jahre"), "vkpf"),
    ("a word, every list made to fit", everywhere_relisted("fünf Jahre", "zwei Jahre"), "vkpf"),
    ("an author, every list made to fit", everywhere_relisted("Anna Weiß", "Anna Weis"), "vkpf"),
    ("hit to context, every list made to fit", everywhere_relisted('"why":"hit"', '"why":"context"'), "vkpf"),
    ("a record taken out, every list made to fit", without_a_record, "vkpf"),
    (
        "an original changed",
        lambda folder: (folder / ORIGINAL).write_bytes(PNG[:-1] + b"x") and None,
        "sbvkf",
    ),
    ("an original taken out", lambda folder: (folder / ORIGINAL).unlink(), "sbvkf"),
    (
        "a file added to the payload",
        lambda folder: (folder / "bag/data/x").write_bytes(b"x") and None,
        "bvkf",
    ),
    ("a file added beside the bag", lambda folder: (folder / "x.txt").write_bytes(b"x") and None, "vkf"),
    ("a tag file added", lambda folder: (folder / "bag/x.txt").write_bytes(b"x") and None, "vkf"),
    ("tagmanifest taken out", lambda folder: (folder / "bag/tagmanifest-sha256.txt").unlink(), "svkf"),
    ("bag-info changed", replace_in("bag/bag-info.txt", old="E-1", new="E-2"), "sbvkf"),
    ("README changed", replace_in("README.txt", old="Papier", new="Pappe"), "vkf"),
    ("fingerprint in VERIFY.txt changed", replace_in("VERIFY.txt", old="MCow", new="MCox"), "vkf"),
    ("verify.py replaced", forged_checker, "vkf"),
    ("the page replaced by one that claims", forged_page, "vk"),
    ("production changed", replace_in("signatures/production.json", old="M-1", new="M-2"), "vkf"),
    ("another genuine checkpoint", older_checkpoint, "vkf"),
    ("statement without signature", cut_note, "vkf"),
    ("everything forged with other keys", forged_whole, "k"),
]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("bundle") / "E-1"
    export_bundle(small_archive().given(), out)
    return out


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

        return not bagit.Bag(str(folder / "bag")).is_valid()


def found_by(folder: Path, chromium: Chromium, log_key: str) -> str:
    page = chromium.open(folder / "START_verify.html")
    opened = page.wait("verdict")
    if page.ask("Boolean(document.getElementById('folder'))"):
        page.give_folder("#folder", folder)
    whole = page.wait("folder", 20)
    page.close()
    answers = {
        "s": sums_say(folder),
        "b": bagit_says(folder),
        "v": bundle_checker.run(folder)[0] == 3,
        "k": bundle_checker.run(folder, "--log-key", log_key)[0] == 3,
        "p": opened != "intact",
        "f": whole != "intact" or opened != "intact",
    }
    return "".join(letter for letter, found in answers.items() if found)


def test_nobody_finds_anything_in_a_good_bundle(bundle: Path, chromium: Chromium) -> None:
    assert found_by(bundle, chromium, small_archive().given().log_key) == ""


@pytest.mark.parametrize(("tamper", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_who_finds_what(
    bundle: Path, tmp_path: Path, chromium: Chromium, tamper: Callable[[Path], None], expected: str
) -> None:
    folder = copy_tree(bundle, tmp_path / "E-1")
    tamper(folder)
    assert found_by(folder, chromium, small_archive().given().log_key) == expected
