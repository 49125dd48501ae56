"""What stays in doubt, and what the papers of an erasure say of the rest."""

import json
import shutil
from pathlib import Path

import pytest

from tests.commandline.conftest import Beleg
from tests.commandline.erasing import approved, mail, number_of
from tests.commandline.test_keeping import enacted


@pytest.fixture
def workspace(beleg: Beleg, archive: Path, tmp_path: Path) -> Beleg:
    """A workspace of Slack in which Olga wrote twice, in two channels."""
    folder = tmp_path / "werk"
    people = [
        {"id": f"U{n}", "name": name, "real_name": name} for n, name in enumerate(("Olga Brandt", "Paul"))
    ]
    channels = [{"id": f"C{n}", "name": name, "members": ["U0"]} for n, name in enumerate(("eins", "zwei"))]
    files = {"users.json": people, "channels.json": channels}
    for n, name in enumerate(("eins", "zwei")):
        said = {"type": "message", "user": "U0", "text": f"Wort{name}", "ts": f"168060000{n}.000100"}
        files[f"{name}/2023-04-04.json"] = [said]
    for name, body in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(json.dumps(body), encoding="utf-8")
    assert beleg("ingest", folder).code == 0
    assert beleg("subject", "find", "Olga", "--all").code == 0
    assert beleg("matter", "open", "Pumpe", "--reason", "Klage").code == 0
    return beleg


def test_the_description_of_an_account_stays_with_what_stays(workspace: Beleg) -> None:
    """Who the author of a held item is, its account tells."""
    held = ("--reason", "Klage", "--review", "2030-01-01")
    workspace("hold", "place", "M-1", "--item", str(number_of(workspace, "Worteins")), *held)
    plan = workspace("erase", "request", "S-1", "--ground", "17-1a", "--json").json["plan"]
    assert dict(plan["counts"])["items"] == 1
    assert "accounts" not in dict(plan["counts"])
    workspace("hold", "release", "H-1", "--reason", "Vergleich")
    plan = workspace("erase", "plan", "R-1", "--json").json["plan"]
    assert {name: count for name, count in plan["counts"] if name in ("items", "accounts")} == {
        "items": 2, "accounts": 1,
    }  # fmt: skip
    approved(workspace, plan["id"])
    assert workspace("erase", "run", "R-1").code == 0
    assert workspace("verify", "--level", "2").code == 0


def test_who_reacted_to_what_stays_is_described_there(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    """That U1 agreed to the promise says little where nobody can tell any more who U1 is."""
    folder = tmp_path / "werk"
    liked = {"reactions": [{"name": "+1", "users": ["U1"], "count": 1}]}
    said = [
        {"type": "message", "user": "U0", "text": "Zusage", "ts": "1680600000.000100", **liked},
        {"type": "message", "user": "U1", "text": "Anderes", "ts": "1680600001.000100"},
    ]
    files = {
        "users.json": [
            {"id": f"U{n}", "name": name, "real_name": name} for n, name in enumerate(("Olga", "Paul"))
        ],
        "channels.json": [{"id": "C0", "name": "eins", "members": ["U0", "U1"]}],
        "eins/2023-04-04.json": said,
    }
    for name, body in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(json.dumps(body), encoding="utf-8")
    assert beleg("ingest", folder).code == 0
    beleg("subject", "find", "Paul", "--all")
    plan = beleg("erase", "request", "S-1", "--ground", "17-1a", "--json").json["plan"]
    assert {name: count for name, count in plan["counts"] if name in ("items", "accounts")} == {"items": 1}


def test_a_hold_may_want_the_description_of_an_account(workspace: Beleg) -> None:
    """Also when nothing that its owner wrote is left."""
    for word in ("Worteins", "Wortzwei"):
        request = workspace(
            "erase", "request", "--item", str(number_of(workspace, word)), "--ground", "x", "--json"
        ).json
        approved(workspace, request["plan"]["id"])
        assert workspace("erase", "run", request["request"]["id"]).code == 0
    held = ("--reason", "Klage", "--review", "2030-01-01")
    workspace("hold", "place", "M-1", "--account", "Olga Brandt", *held)
    asked = workspace("erase", "request", "S-1", "--ground", "17-1a")
    assert (asked.code, "hold H-1" in asked.out) == (5, True), asked.out
    workspace("hold", "release", "H-1", "--reason", "Vergleich")
    workspace("hold", "place", "M-1", "--account", "Paul", *held)
    told = dict(workspace("erase", "plan", "R-3", "--json").json["plan"]["counts"])
    assert told == {"accounts": 1, "containers": 1}, "with the file in which it came"


def test_what_cannot_be_read_stays_against_a_statute(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    """A lost file leaves its class open: it may be the voucher that the law wants."""
    file = tmp_path / "policy.toml"
    file.write_text('reason = "HGB"\n[[rules]]\nname = "voucher"\nkinds = ["mail"]\n', encoding="utf-8")
    assert enacted(beleg, file).code == 0
    box = tmp_path / "post.mbox"
    box.write_text(mail(1, "anna@firm.example", "Worteins", "Rechnung 17"), encoding="utf-8")
    assert beleg("ingest", box).code == 0
    item = str(number_of(beleg, "Worteins"))
    shutil.rmtree(archive / "places" / "archive" / "objects")
    asked = beleg("erase", "request", "--item", item, "--ground", "17-1a")
    assert (asked.code, "it cannot be read" in asked.out) == (5, True), asked.out + asked.err


ANSWER = """From b Mon Feb  3 10:00:00 2025
From: b@firm.example
To: anna@firm.example
Subject: Re
Date: Mon, 03 Feb 2025 11:00:00 +0100
Message-ID: <7@firm.example>
In-Reply-To: <1@firm.example>

> Worteins
"""


def test_a_plan_names_answers_by_mail_and_bundles_that_were_handed_out(
    beleg: Beleg, archive: Path, tmp_path: Path
) -> None:
    """Both hold the words on, and no erasure of the item reaches them."""
    box = tmp_path / "post.mbox"
    box.write_text(mail(1, "anna@firm.example", "Worteins") + ANSWER, encoding="utf-8")
    assert beleg("ingest", box).code == 0
    item, answer = (hit["number"] for hit in beleg("search", "Worteins", "--json").json["hits"])
    beleg("matter", "open", "Pumpe", "--reason", "Klage")
    beleg("matter", "add", "M-1", str(item))
    assert beleg("export", "M-1", "--out", tmp_path / "first").code == 0
    asked = beleg("erase", "request", "--item", str(item), "--ground", "17-1a", "--json").json
    assert f"1 items that answer or quote these and may repeat words: {answer}" in asked["plan"]["remains"]
    assert "bundle E-1 of M-1" in str(asked["plan"]["remains"])
    assert beleg("export", "M-1", "--out", tmp_path / "second").code == 0
    approved(beleg, "D-1")
    assert beleg("erase", "run", "R-1").code == 0
    told = beleg("erase", "certificate", "R-1").out
    assert "bundle E-1 of M-1" in told
    assert "bundle E-2 of M-1" in told, "handed out between plan and order"


def test_a_plan_names_what_says_the_same_without_an_id(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    """The other phone's export of the chat: who meant that too must ask for it."""
    words = "Die Nummer vom Krankenhaus ist 412, bitte niemandem sagen"
    for name, title in (("Anna", "Bert"), ("Bert", "Anna")):
        chat = tmp_path / f"WhatsApp Chat mit {title}.txt"
        chat.write_text(
            f"[03.02.25, 09:14:05] Anna: {words}\n[03.02.25, 09:15:41] Bert: ok\n", encoding="utf-8"
        )
        assert beleg("ingest", chat, "--mine", name).code == 0
    mine, theirs = (hit["number"] for hit in beleg("search", "Krankenhaus", "--json").json["hits"])
    plan = beleg("erase", "request", "--item", str(mine), "--ground", "17-1a", "--json").json["plan"]
    assert any("exactly the same words" in line and str(theirs) in line for line in plan["remains"])


def test_a_plan_that_was_never_ordered_was_not_carried_out(
    beleg: Beleg, archive: Path, tmp_path: Path
) -> None:
    """Though all its records are gone: another plan of the request took them, and counts alone."""
    box = tmp_path / "post.mbox"
    box.write_text(
        mail(1, "anna@firm.example", "Worteins") + mail(2, "a@b.example", "Wortzwei"), encoding="utf-8"
    )
    assert beleg("ingest", box).code == 0
    one, two = (number_of(beleg, word) for word in ("Worteins", "Wortzwei"))
    asked = beleg("erase", "request", "--item", str(one), "--item", str(two), "--ground", "x", "--json").json
    counts = asked["plan"]["counts"]
    approved(beleg, "D-1")
    assert beleg("erase", "plan", "R-1").code == 0
    assert beleg("erase", "run", "D-1").code == 0
    rows = beleg("erase", "list", "--json").json
    assert [(row["plan"], row["state"]) for row in rows] == [("D-1", "done"), ("D-2", "overtaken")]
    told = beleg("erase", "certificate", "R-1", "--json").json
    assert (told["plans"], told["counts"]) == (["D-1"], counts)


def test_what_another_request_took_is_restricted_no_more(workspace: Beleg) -> None:
    """Else it would be remembered for ever that its hold has ended."""
    held = ("--reason", "Klage", "--review", "2030-01-01")
    item = number_of(workspace, "Worteins")
    workspace("hold", "place", "M-1", "--item", str(item), *held)
    approved(workspace, workspace("erase", "request", "S-1", "--ground", "x", "--json").json["plan"]["id"])
    assert workspace("erase", "run", "R-1").code == 0
    workspace("hold", "release", "H-1", "--reason", "Vergleich")
    assert "REMINDER R-1" in workspace("erase", "list").out
    plan = workspace("erase", "request", "--item", str(item), "--ground", "x", "--json").json["plan"]["id"]
    approved(workspace, plan)
    assert workspace("erase", "run", "R-2").code == 0
    assert "REMINDER" not in workspace("erase", "list").out
    assert "Restricted" not in workspace("erase", "certificate", "R-1").out


def test_a_thread_is_held_by_its_name(workspace: Beleg) -> None:
    """What people see is the name; the hold keeps the id, so that no later name ends it."""
    done = workspace(
        "hold", "place", "M-1", "--thread", "EINS", "--reason", "Klage", "--review", "2030-01-01", "--json"
    )
    assert done.code == 0, done.err
    (hold,) = workspace("hold", "list", "--json").json
    assert "C0" in str(hold)
    assert "EINS" not in str(hold)
    item = str(number_of(workspace, "Worteins"))
    assert workspace("erase", "request", "--item", item, "--ground", "x").code == 5
