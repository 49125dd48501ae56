"""Tamperings with a bundle, and who sees each: the cases of ``test_tamperings`` and the table of the README."""

import json
import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

from archive.core.canonical import encode
from archive.exporters.bundle import export_bundle
from tests.browser.page_source import replaced, rewrite
from tests.bundle_material import PNG, Draft, Material, change, draft, item, small_archive
from tests.properties.test_bundle_tampering import relist

Tamper = Callable[[Path], None]
RECORDS = "bag/data/records/records_0001.jsonl"
PAGE = "START_verify.html"
SEAL = "signatures/statement.p7s"
EXCEPTIONS = "bag/data/metadata/exceptions.jsonl"
ORIGINAL = f"bag/data/originals/{sha256(PNG).hexdigest()[:2]}/{sha256(PNG).hexdigest()}.png"


def replace_in(*names: str, old: str, new: str) -> Callable[[Path], None]:
    def tamper(folder: Path) -> None:
        for name in names:
            if name == PAGE:
                rewrite(folder / name, replaced(old, new))
                continue
            text = (folder / name).read_text()
            assert old in text
            (folder / name).write_text(text.replace(old, new))

    return tamper


def everywhere_relisted(old: str, new: str) -> Callable[[Path], None]:
    def tamper(folder: Path) -> None:
        replace_in(RECORDS, PAGE, old=old, new=new)(folder)
        relist(folder)

    return tamper


def without_a_record(folder: Path) -> None:
    line = (folder / RECORDS).read_text().split("\n")[4] + "\n"
    everywhere_relisted(line, "")(folder)


def forged_page(folder: Path) -> None:
    (folder / PAGE).write_text('<body data-verdict="intact" data-folder="intact">INTACT')


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


# ---- one value of one line, with every list made to fit


def lines(folder: Path, name: str, act: Callable[[list[Any]], Any]) -> None:
    """Change the lines of a JSONL file, in the file and on the page, and make every list fit."""
    before = (folder / name).read_text()
    rows = [json.loads(line) for line in before.split("\n")[:-1]]
    changed = act(rows)
    rows = rows if changed is None else changed
    after = "".join(encode(row).decode().replace("<", "\\u003c") + "\n" for row in rows)
    assert after != before
    rewrite(folder / PAGE, replaced(before, after))
    (folder / name).write_text(after)
    relist(folder)


def in_records(act: Callable[[list[Any]], Any]) -> Tamper:
    return lambda folder: lines(folder, RECORDS, act)


def leaf(at: int, name: str, value: Any) -> Tamper:
    def act(rows: list[Any]) -> None:
        rows[at]["leaf"] = encode({**json.loads(rows[at]["leaf"]), name: value}).decode()

    return in_records(act)


def put(at: int, *path: Any, value: Any) -> Tamper:
    def act(rows: list[Any]) -> None:
        place = rows[at]
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value

    return in_records(act)


def in_segments(act: Callable[[list[Any]], Any]) -> Tamper:
    return lambda folder: lines(folder, "bag/data/segments.jsonl", act)


def swapped(rows: list[Any]) -> None:
    rows[3], rows[4] = rows[4], rows[3]


def facet_of_another(rows: list[Any]) -> None:
    rows[3]["facets"][6] = rows[4]["facets"][6]


def shown_again(rows: list[Any]) -> None:
    """Put words of the forger's own where a text is withheld."""
    (row,) = (row for row in rows if row["facets"] and isinstance(row["facets"][6], str))
    row["facets"][6] = ["A" * 43, '["text","harmlos"]']


def otherwise_signed(rows: list[Any]) -> None:
    note = rows[1]["note"]
    rows[1]["note"] = note[:-10] + ("A" if note[-10] != "A" else "B") + note[-9:]


# ---- files and signatures


def listed_again(name: str, old: str, new: str) -> Tamper:
    def tamper(folder: Path) -> None:
        replace_in(name, old=old, new=new)(folder)
        relist(folder)

    return tamper


def member(name: str, key: str, value: Any) -> Tamper:
    def tamper(folder: Path) -> None:
        file = folder / name
        told = json.loads(file.read_bytes())
        assert told[key] != value
        file.write_bytes(encode({**told, key: value}))

    return tamper


def flipped(name: str, at: int) -> Tamper:
    def tamper(folder: Path) -> None:
        data = bytearray((folder / name).read_bytes())
        data[at] ^= 1
        (folder / name).write_bytes(bytes(data))

    return tamper


def seal_altered(folder: Path) -> None:
    data = (folder / SEAL).read_bytes()
    digest = sha256((folder / "signatures/statement.json").read_bytes()).digest()
    flipped(SEAL, data.index(digest))(folder)


def other_root(folder: Path) -> None:
    file = folder / "signatures/checkpoint.txt"
    rows = file.read_text().split("\n")
    rows[2] = "A" * 43 + "="
    file.write_text("\n".join(rows))


def signed_by(writer: str) -> Tamper:
    """Whoever holds another key of the archive signs the statement."""

    def tamper(folder: Path) -> None:
        other = folder.parent / "other"
        export_bundle(small_archive().given(writer=writer), other)
        for name in ("production", "statement"):
            for ending in ("json", "sig"):
                shutil.copy(other / f"signatures/{name}.{ending}", folder / f"signatures/{name}.{ending}")
        shutil.rmtree(other)

    return tamper


def renamed_original(folder: Path) -> None:
    place = folder / ORIGINAL
    place.rename(place.with_name("0" * 64 + ".png"))
    relist(folder)


def linked(folder: Path) -> None:
    place = folder / ORIGINAL
    outside = folder.parent / "outside.png"
    shutil.move(place, outside)
    place.symlink_to(outside)


def windows_lines(folder: Path) -> None:
    file = folder / "bag/manifest-sha256.txt"
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))


def no_page_records(folder: Path) -> None:
    page = folder / PAGE
    text = page.read_text()
    start = text.index(f'data-part="{RECORDS}"')
    end = text.index("</script>", start)
    page.write_text(text[: text.rindex("<script", 0, start)] + text[end + len("</script>") :])


def with_script(folder: Path) -> None:
    page = folder / PAGE
    page.write_text(page.read_text().replace("</head>", "<script>document.title='x'</script></head>"))


def with_words(folder: Path) -> None:
    page = folder / PAGE
    page.write_text(page.read_text().replace("<body", "<body><p>Ihr Verk\u00e4ufer hat recht</p", 1))


TABLE: list[tuple[str, Tamper, str]] = [
    # who finds it: s sha256sum, b bagit, o by hand with openssl as VERIFY.txt says, v verify.py (beleg verify),
    # k the same with the log key of the founding slip, p the page, f the page given the whole folder
    ("a word in a record", replace_in(RECORDS, old="fünf Jahre", new="zwei Jahre"), "sbovkf"),
    ("a word on the page", replace_in(PAGE, old="fünf Jahre", new="zwei Jahre"), "ovkpf"),
    ("a word, every list made to fit", everywhere_relisted("fünf Jahre", "zwei Jahre"), "ovkpf"),
    ("an author, every list made to fit", everywhere_relisted("Anna Weiß", "Anna Weis"), "ovkpf"),
    (
        "hit to context, every list made to fit",
        everywhere_relisted('"why":"hit"', '"why":"context"'),
        "ovkpf",
    ),
    ("a record taken out, every list made to fit", without_a_record, "ovkpf"),
    (
        "an original changed",
        lambda folder: (folder / ORIGINAL).write_bytes(PNG[:-1] + b"x") and None,
        "sbovkf",
    ),
    ("an original taken out", lambda folder: (folder / ORIGINAL).unlink(), "sbovkf"),
    (
        "a file added to the payload",
        lambda folder: (folder / "bag/data/x").write_bytes(b"x") and None,
        "bovkf",
    ),
    ("a file added beside the bag", lambda folder: (folder / "x.txt").write_bytes(b"x") and None, "ovkf"),
    ("a tag file added", lambda folder: (folder / "bag/x.txt").write_bytes(b"x") and None, "ovkf"),
    ("tagmanifest taken out", lambda folder: (folder / "bag/tagmanifest-sha256.txt").unlink(), "sovkf"),
    ("bag-info changed", replace_in("bag/bag-info.txt", old="E-1", new="E-2"), "sbovkf"),
    ("README changed", replace_in("README.txt", old="Papier", new="Pappe"), "ovkf"),
    ("fingerprint in VERIFY.txt changed", replace_in("VERIFY.txt", old="MCow", new="MCox"), "ovkf"),
    ("verify.py replaced", forged_checker, "ovkf"),
    ("the page replaced by one that claims", forged_page, "ovk"),
    ("production changed", replace_in("signatures/production.json", old="M-1", new="M-2"), "ovkf"),
    ("another genuine checkpoint", older_checkpoint, "ovkf"),
    ("statement without signature", cut_note, "ovkf"),
    ("everything forged with other keys", forged_whole, "ok"),
    ("the salt of a facet changed, every list made to fit", put(3, "facets", 0, 0, value="A" * 43), "ovkpf"),
    ("a facet taken from another record", in_records(facet_of_another), "ovkpf"),
    ("words put where a text is withheld", in_records(shown_again), "ovkpf"),
    ("an inclusion path changed", put(3, "path", 0, value="A" * 43), "ovkpf"),
    ("the time in a leaf changed", leaf(3, "time", 1_600_000_000), "ovkpf"),
    ("the stream position in a leaf changed", leaf(3, "stream_position", 5), "ovkpf"),
    ("the chain value in a leaf changed", leaf(3, "previous", "A" * 43), "ovkpf"),
    ("a record twice", in_records(lambda rows: [*rows[:4], *rows[3:]]), "ovkpf"),
    ("two records swapped", in_records(swapped), "ovkpf"),
    ("the number of a record changed", put(3, "index", value=99), "ovkpf"),
    ("a record put in another segment", put(3, "segment", value=0), "ovkpf"),
    (
        "a record that retires a key taken out",
        in_records(lambda rows: [r for r in rows if r["why"] != "keys" or r["index"] < 2]),
        "ovkpf",
    ),
    ("a segment header taken out", in_segments(lambda rows: rows[:1] + rows[2:]), "ovkpf"),
    ("the signature of a segment header changed", in_segments(otherwise_signed), "ovkpf"),
    (
        "the list of what is missing emptied",
        lambda folder: lines(folder, EXCEPTIONS, lambda rows: []),
        "ovkpf",
    ),
    (
        "the words about limits changed, every list made to fit",
        listed_again("bag/data/metadata/limits.txt", "nicht", "wohl"),
        "ovkf",
    ),
    ("the root in the checkpoint changed", other_root, "ovkf"),
    ("the signature of the checkpoint changed", flipped("signatures/checkpoint.txt", -4), "ovkf"),
    (
        "the number of records in the production changed",
        member("signatures/production.json", "counts", {}),
        "ovkf",
    ),
    (
        "the key of the log in the production changed",
        member("signatures/production.json", "log_key", "x+00000000+AA=="),
        "ovkf",
    ),
    ("the signature of the production changed", flipped("signatures/production.sig", -4), "ovkf"),
    ("the statement without its files", member("signatures/statement.json", "files", []), "ovkf"),
    ("signed by a key of the archive that may not", signed_by("ingest"), "ovkf"),
    ("the seal with a certificate altered", seal_altered, "ovk"),
    ("the seal replaced by rubbish", lambda folder: (folder / SEAL).write_bytes(b"seal") and None, "ovk"),
    ("the seal taken out", lambda folder: (folder / SEAL).unlink(), "ovkf"),
    ("an original under another name, every list made to fit", renamed_original, "ovkf"),
    ("an original replaced by a link to itself", linked, "bvkf"),
    ("an empty folder added", lambda folder: (folder / "bag/data/empty").mkdir(), "vk"),
    ("line ends of a manifest changed", windows_lines, "sbovkf"),
    ("the records taken off the page", no_page_records, "ovkpf"),
    ("a script put on the page", with_script, "ovkf"),
    ("words put on the page beside the records", with_words, "ovkf"),
    ("certificates replaced", replace_in("certificates/draft_de.txt", old="M-1", new="M-2"), "ovkf"),
    ("the bag emptied", lambda folder: shutil.rmtree(folder / "bag/data"), "sbovkf"),
]

HEAD = (
    "tampering",
    "sha256sum",
    "BagIt tool",
    "by hand",
    "verify.py",
    "with `--key`",
    "page",
    "page, folder",
)


def table() -> str:
    """Give the table as Markdown."""
    rows = [HEAD, ("---",) * len(HEAD)]
    rows += [(name, *("✓" if letter in found else "–" for letter in "sbovkpf")) for name, _, found in TABLE]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)
