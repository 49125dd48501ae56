"""Boards, companies, accounts and programs that all number from 1: what one says is never an edit of another's."""

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from archive.channels import scene
from archive.channels.discourse import DiscourseForum
from archive.channels.intercom import IntercomExport
from archive.channels.phpbb import PhpbbTopics
from archive.channels.spaces import spaceless
from tests.commandline.conftest import Beleg
from tests.commandline.erasing import SECRET, erased, number_of, stored_words

A, B = f"Zugesagt sind fünf Jahre, {SECRET}", "Wir liefern keine Dichtungen mehr, sagt der andere Betreiber"


def page(words: str, board: str, when: str = "2021-03-28", title: str = "Filter") -> str:
    link = f'<link rel="canonical" href="https://{board}/viewtopic.php?t=42">' if board else ""
    return (
        f'<!DOCTYPE html><html>{link}<body id="phpbb" class="section-viewtopic ltr"><h2 class="topic-title">'
        f'<a href="./viewtopic.php?t=42">{title}</a></h2><div id="p101" class="post bg2"><p class="author">von '
        f'<a href="./m.php?u=5" class="username">Klaus</a> » <time datetime="{when}T00:59:00+00:00">So</time></p>'
        f'<div class="content">{words}</div></div></body></html>'
    )


def forum(words: str, host: str, when: str = "2021-03-28", title: str = "Filter", likes: int = 0) -> str:
    face = f"/user_avatar/{host}/anna/{{size}}/3.png" if host else "/letter_avatar_proxy/v4/letter/a.png"
    post = {
        "id": 101,
        "username": "anna",
        "avatar_template": face,
        "created_at": f"{when}T02:10:07.971Z",
        "cooked": f"<p>{words}</p>",
        "post_number": 1,
        "post_type": 1,
        "topic_id": 9,
        "version": 1,
        "actions_summary": [{"id": 2, "count": likes}] if likes else [],
    }
    told = {"id": 9, "title": title, "archetype": "regular"}
    return json.dumps({"post_stream": {"posts": [post], "stream": [101]}, **told})


def talk(words: str, workspace: str, when: str = "2021-03-28", title: str = "Filter", likes: int = 0) -> str:
    """A conversation of Intercom; few answers name the workspace."""
    began = int(datetime.fromisoformat(f"{when}T02:10:07+00:00").timestamp())
    who = {"type": "user", "id": "5", "name": title, "email": f"{title.lower()}@kunde.example"}
    first = {"id": "101", "delivered_as": "customer_initiated", "body": f"<p>{words}</p>", "author": who}
    people = {"contacts": [{**who, "workspace_id": workspace}] if workspace else []}
    told = {"type": "conversation", "id": "9", "created_at": began, "source": first, "contacts": people}
    return json.dumps({**told, **({"statistics": {"count": likes}} if likes else {})})


BOARDS = {
    "phpbb": (page, PhpbbTopics, "phpbb-topics/4"),
    "discourse": (forum, DiscourseForum, "discourse-forum/4"),
    "intercom": (talk, IntercomExport, "intercom-export/4"),
}


@pytest.mark.parametrize("hosts", [("a.example", "b.example"), ("", "")], ids=["named", "unnamed"])
@pytest.mark.parametrize("channel", BOARDS)
def test_post_101_of_two_boards_is_two_items(
    beleg: Beleg, archive: Path, tmp_path: Path, channel: str, hosts: tuple[str, str]
) -> None:
    make = BOARDS[channel][0]
    ending = "html" if channel == "phpbb" else "json"
    (one := tmp_path / f"a.{ending}").write_text(make(A, hosts[0]))
    (other := tmp_path / f"b.{ending}").write_text(make(B, hosts[1], "2022-05-01", "Dichtung"))
    for path in (one, other):
        (report,) = beleg("ingest", path, "--mine", "werk", "--json").json
        assert report["items"] == 1
    told = [
        beleg("show", str(number_of(beleg, word)), "--json").json["item"] for word in (SECRET, "Dichtungen")
    ]
    assert [(item["event"], item["basis"]) for item in told] == [("posted", "reported")] * 2
    assert not any(target["relation"] == "of" for item in told for target in item["targets"])
    assert told[0]["key"]["id"] == told[1]["key"]["id"] == "101"
    assert told[0]["thread"] != told[1]["thread"]
    moved = tmp_path / "elsewhere" / f"2025-01-01.{ending}"
    moved.parent.mkdir()
    moved.write_bytes(one.read_bytes())
    (report,) = beleg("ingest", moved, "--mine", "werk", "--json").json
    assert (report["items"], report["seen_again"]) == (0, 1), "another folder and name are no other board"


@pytest.fixture(params=BOARDS)
def before(beleg: Beleg, archive: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A board as the version before took it in: all ids stood in one space."""
    make, reader, parser = BOARDS[request.param]
    path = tmp_path / f"{request.param}.{'html' if request.param == 'phpbb' else 'json'}"
    path.write_text(make(A, "a.example"))
    reading = scene.Made.reading

    def as_then(self: scene.Made, member: object) -> object:
        unit = reading(self, member)  # type: ignore[arg-type]
        return replace(unit, items=tuple(map(spaceless, unit.items)), former={})

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(scene.Made, "reading", as_then)
        patched.setattr(reader, "parser", parser)
        assert beleg("ingest", path, "--mine", "werk").code == 0
    return path


def test_after_an_upgrade_the_same_post_adds_nothing_and_another_boards_is_another(
    beleg: Beleg, archive: Path, before: Path
) -> None:
    make = BOARDS[before.stem][0]
    copy = before.with_stem("c")
    copy.write_text(before.read_text() + "\n")
    for path in (before, copy):
        (report,) = beleg("ingest", path, "--mine", "werk", "--json").json
        assert (report["items"], report["seen_again"]) == (0, 1), path
    copy.write_text(make(B, "b.example", "2022-05-01", "Dichtung"))
    assert "1 items sealed" in beleg("ingest", copy, "--mine", "werk").out
    item = beleg("show", str(number_of(beleg, "Dichtungen")), "--json").json["item"]
    assert (item["event"], item["targets"]) == ("posted", [])


def test_what_was_erased_before_an_upgrade_stays_out(beleg: Beleg, archive: Path, before: Path) -> None:
    erased(beleg, number_of(beleg, SECRET))
    before.write_text(before.read_text() + "\n")
    done = beleg("ingest", before, "--mine", "werk")
    assert "0 items sealed" in done.out
    assert stored_words(archive) == []


def test_long_words_under_the_id_of_then_are_the_same_post_seen_later(
    beleg: Beleg, archive: Path, before: Path
) -> None:
    """A post that is liked meanwhile differs, but its id and a whole sentence say which it is."""
    signed = '</div><div class="signature">Klaus</div></div></body>'
    changed = (
        before.read_text().replace("</div></div></body>", signed)
        if before.suffix == ".html"
        else BOARDS[before.stem][0](A, "a.example", likes=3)
    )
    before.write_text(changed)
    done = beleg("ingest", before, "--mine", "werk")
    assert "stand here twice" not in done.err
    hits = beleg("search", SECRET, "--json").json["hits"]
    told = [beleg("show", str(hit["number"]), "--json").json["item"] for hit in hits]
    (again,) = (item for item in told if item["targets"])
    assert (again["basis"], again["event"]) == ("observed", "posted"), "no other reading, and no edit"
    assert (again["targets"][0]["relation"], again["targets"][0]["key"]["scope"]) == ("of", "")


def ticket(words: str, host: str, when: str) -> str:
    """As the list of an account gives it; the description of a ticket has no other id than the ticket."""
    told = {"id": 1, "subject": words[:9], "description": words, "requester_id": 5, "submitter_id": 5}
    url = {"url": f"https://{host}/api/v2/tickets/1.json"} if host else {}
    return json.dumps({"tickets": [{**url, **told, "created_at": f"{when}T00:00:00Z"}]})


def chat(words: str, own: str, when: int) -> str:
    """A private chat with one customer, as the employee ``own`` exports it: who that is stands nowhere."""
    said = {"type": "message", "date": "2024-03-04T09:00:00", "text": words, "text_entities": []}
    asked = {"id": 1, "date_unixtime": str(when), "from": "Eva", "from_id": "user42", **said}
    answer = {"id": 2, "date_unixtime": str(when + 9), "from": own, "from_id": f"user{len(own)}", **said}
    told = {"name": "Eva", "type": "personal_chat", "id": 42}
    return json.dumps({**told, "messages": [asked, {**answer, "text": "gut", "reply_to_message_id": 1}]})


OTHERS = {
    "zendesk: named": (
        ticket(A, "a.zendesk.example", "2024-01-01"),
        ticket(B, "b.zendesk.example", "2024-01-02"),
    ),
    "zendesk: unnamed": (ticket(A, "", "2024-01-01"), ticket(B, "", "2024-01-02")),
    "telegram": (chat(A, "Anna", 1709539200), chat(B, "Bernd", 1711539200)),
}


@pytest.mark.parametrize("name", OTHERS)
def test_number_1_of_two_is_two(beleg: Beleg, archive: Path, tmp_path: Path, name: str) -> None:
    for at, export in enumerate(OTHERS[name]):
        (tmp_path / f"{at}.json").write_text(export)
        assert beleg("ingest", tmp_path / f"{at}.json").code == 0
    told = [
        beleg("show", str(number_of(beleg, word)), "--json").json["item"] for word in (SECRET, "Dichtungen")
    ]
    assert [(item["event"], item["basis"]) for item in told] == [("posted", "reported")] * 2
    assert not any(target["relation"] == "of" for item in told for target in item["targets"])
    (tmp_path / "again.json").write_text(OTHERS[name][0] + "\n")
    (report,) = beleg("ingest", tmp_path / "again.json", "--json").json
    assert report["items"] == 0
    if name == "telegram":
        hits = beleg("search", "gut", "--json").json["hits"]
        answers = [
            beleg("show", str(hit["number"]), "--json").json["item"]["targets"][0]["key"] for hit in hits
        ]
        assert sorted(key["scope"] for key in answers) == sorted(item["key"]["scope"] for item in told)


def test_row_1_of_two_tables_of_one_name_is_two(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    paths = [tmp_path / name / "export.csv" for name in ("a", "b")]
    rows = [
        f"1,2024-03-01 10:00,Anna,{A.replace(',', '')}\n",
        f"1,2024-05-01 10:00,Kurt,{B.replace(',', '')}\n",
    ]
    for path, row in zip(paths, rows, strict=True):
        path.parent.mkdir()
        path.write_text("id,Datum,Autor,Nachricht\n" + row, encoding="utf-8")
        (report,) = beleg("ingest", path, "--channel", "table", "--json").json
        assert report["items"] == 1
    other = beleg("show", str(number_of(beleg, "Dichtungen")), "--json").json["item"]
    assert (other["basis"], other["targets"], other["key"]["id"]) == ("reported", [], "1")
    paths[0].write_text(
        paths[0].read_text(encoding="utf-8").replace("Zugesagt", "Vereinbart"), encoding="utf-8"
    )
    assert beleg("ingest", paths[0], "--channel", "table").code == 0
    later = beleg("show", str(number_of(beleg, "Vereinbart")), "--json").json["item"]
    assert later["basis"] == "observed", "the same row with other words is seen again"
