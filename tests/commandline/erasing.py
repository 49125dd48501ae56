"""What tests of erasing share: a chat and mails with a word that must go, and where it may still stand."""

import json
import sqlite3
from pathlib import Path

from tests.commandline.conftest import Answer, Beleg

SECRET = "Zwiebelkuchenrezept"

CHAT = f"""[03.02.25, 09:14:05] Anna: Guten Morgen
[03.02.25, 09:15:41] Lieferant: Da habt ihr fünf Jahre Garantie drauf
[03.02.25, 09:16:02] Anna: Mein {SECRET} schicke ich privat
[03.02.25, 09:17:02] Lieferant: Schönen Tag
"""


def number_of(beleg: Beleg, words: str) -> int:
    found = beleg("search", words, "--json")
    assert found.code == 0, found.err
    assert found.json["total"] == 1, found.out
    return int(found.json["hits"][0]["number"])


def approved(beleg: Beleg, plan: str) -> None:
    for key in ("legal", "privacy"):
        done = beleg("approve", plan, "--key", key)
        assert done.code == 0, done.err


def erased(beleg: Beleg, *items: int, ground: str = "17-1a") -> Answer:
    options = [part for item in items for part in ("--item", str(item))]
    asked = beleg("erase", "request", *options, "--ground", ground, "--json")
    assert asked.code == 0, asked.err + asked.out
    approved(beleg, asked.json["plan"]["id"])
    done = beleg("erase", "run", asked.json["request"]["id"], "--json")
    assert done.code == 0, done.err + done.out
    return done


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def stored_words(archive: Path) -> list[str]:
    """Where the word stands: plain in any file, or in a term, row or stored field of a projection."""
    needle = SECRET.casefold()
    found = [
        name
        for name, data in bytes_of(archive).items()
        if any(form in data for form in (SECRET.encode(), needle.encode(), SECRET.encode("utf-16-le")))
    ]
    for name in ("catalogue", "texts", "seen"):
        with sqlite3.connect(archive / "workspace" / f"{name}.sqlite") as database:
            found += [f"{name}: {line[:40]}" for line in database.iterdump() if needle in line.casefold()]
    from archive.adapters.index_tantivy import TantivyIndex

    index = TantivyIndex(archive / "workspace" / "index-tantivy")
    found += [f"index: {term}" for term in index.vocabulary() if needle in term]
    index.close()
    return found


def mail(number: int, sender: str, words: str, attached: str | None = None) -> str:
    head = (
        f"From {sender} Mon Feb  3 10:00:00 2025\nFrom: {sender}\nTo: einkauf@firm.example\nSubject: Nr {number}\n"
        f"Date: Mon, 03 Feb 2025 10:0{number}:00 +0100\nMessage-ID: <{number}@firm.example>\n"
    )
    if attached is None:
        return f"{head}\n{words}\n\n"
    return (
        f'{head}MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="xx"\n\n--xx\n'
        f"Content-Type: text/plain\n\n{words}\n--xx\nContent-Type: text/plain; name=notiz.txt\n"
        f"Content-Disposition: attachment; filename=notiz.txt\n\n{attached}\n--xx--\n\n"
    )


def group(tmp_path: Path, name: str, *more: str) -> Path:
    """A group of Telegram, as one who is in it exported it."""
    said = ["Guten Morgen", f"Mein {SECRET} schicke ich", "ok, um acht", *more]
    messages = [
        {"id": number, "type": "message", "date": f"2025-02-03T10:0{number}:00", "from": "Bert", "from_id": "user2",
         "text": text}
        for number, text in enumerate(said, 1)
    ]  # fmt: skip
    file = tmp_path / name
    file.write_text(json.dumps({"name": "Halle", "type": "private_group", "id": 7, "messages": messages}))
    return file
