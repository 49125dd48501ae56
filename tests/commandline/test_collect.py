"""A feed over HTTP: what is new, what changed, what the server says is unchanged, and what is no feed."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from tests.authority import Server, Stamper
from tests.commandline.conftest import Beleg
from tests.tools import Tools


class Site(BaseHTTPRequestHandler):
    """A site that says 304 to whoever knows its tag."""

    body: ClassVar[bytes] = b""
    status: ClassVar[int] = 200
    asked: ClassVar[list[int]] = []
    rest: ClassVar[str | None] = None
    """Retry-After."""
    hold: ClassVar[Callable[[], None]] = staticmethod(lambda: None)
    """What happens before it answers."""

    def do_GET(self) -> None:
        self.hold()
        tag = f'"{hash(self.body)}"'
        same = self.headers.get("If-None-Match") == tag
        code = 304 if same and self.status == 200 else self.status
        self.asked.append(code)
        self.send_response(code)
        self.send_header("ETag", tag)
        if self.rest:
            self.send_header("Retry-After", self.rest)
        self.send_header("Content-Length", "0" if same else str(len(self.body)))
        self.end_headers()
        if not same:
            self.wfile.write(self.body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    Site.asked.clear()
    Site.status = 200
    yield f"http://127.0.0.1:{server.server_port}/feed.xml"
    server.shutdown()
    thread.join()
    server.server_close()


def feed(*entries: tuple[str, str]) -> bytes:
    told = "".join(
        f"<entry><id>urn:{name}</id><title>Nr. {name}</title><updated>2025-03-03T09:00:00Z</updated>"
        f"<content>{words}</content></entry>"
        for name, words in entries
    )
    return f'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><id>urn:werk</id>{told}</feed>'.encode()


@pytest.fixture
def source(beleg: Beleg, archive: Path, site: str) -> Path:
    assert beleg("source", "add", "werk", "feed", "--url", site).code == 0
    return archive


def collect(beleg: Beleg, code: int = 0) -> dict[str, Any]:
    done = beleg("collect", "werk", "--json")
    assert done.code == code, (done.out, done.err)
    return done.json[0]  # type: ignore[no-any-return]


def test_what_left_a_feed_before_the_first_look_is_not_covered(beleg: Beleg, source: Path) -> None:
    Site.body = feed(("8", "acht"), ("9", "neun"))
    collect(beleg)
    [row] = beleg("coverage", "--json").json["sources"]
    window, covered = row["stretches"]
    assert (row["state"], window["state"], covered["state"]) == ("partly", "partly", "covered")
    assert "the newest entries alone" in window["because"][0]
    assert window.get("start") is None
    assert window["end"] == covered["start"] == row["looked"]


def test_only_what_is_new_or_changed_is_sealed(beleg: Beleg, source: Path) -> None:
    Site.body = feed(("1", "Fünf Jahre Garantie"), ("2", "Lieferung im Mai"))
    assert collect(beleg)["items"] == 2
    assert collect(beleg)["items"] == 0
    assert Site.asked == [200, 304]
    Site.body = feed(("2", "Lieferung im Juni"), ("3", "Neu"))
    told = collect(beleg)
    assert (told["items"], told["changed"], told["gaps"]) == (2, 1, 0)
    assert beleg("search", '"Lieferung im Mai"', "--json").json["total"] == 1
    assert beleg("search", "Garantie", "--json").json["total"] == 1, "what left the window stays"
    assert beleg("verify", "--level", "2").code == 0


def test_whoever_is_stopped_before_the_first_source_says_so(
    beleg: Beleg, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped = threading.Event()
    stopped.set()
    monkeypatch.setattr("cli.commands.collect._stopped_by_signal", lambda: stopped)
    done = beleg("collect", "--all")
    assert (done.code, "not asked" in done.err) == (4, True)


def test_a_window_that_moved_on_altogether_is_a_gap(beleg: Beleg, source: Path) -> None:
    Site.body = feed(("1", "eins"), ("2", "zwei"))
    collect(beleg)
    Site.body = feed(("8", "acht"), ("9", "neun"))
    assert collect(beleg, code=3)["gaps"] == 1
    gaps = [gap for run in beleg("coverage", "--json").json["lacking"] for gap in run["gaps"]]
    assert "come and gone" in gaps[0]["reason"]


@pytest.mark.parametrize(
    "page", [b"<html><body>Please log in</body></html>", b"", b'{"error": "login"}', b"\0\xff\0\xff\0"]
)
def test_a_login_page_is_never_content(beleg: Beleg, source: Path, page: bytes) -> None:
    Site.body = feed(("1", "eins"))
    collect(beleg)
    Site.body = page
    told = collect(beleg, code=5)
    assert told["items"] == 0
    assert "reader" in told["stopped"]
    Site.body = feed(("1", "eins"), ("2", "zwei"))
    assert collect(beleg)["items"] == 1
    stored = [file.read_bytes() for file in (source / "places" / "archive").rglob("*") if file.is_file()]
    assert not any(page and page in body for body in stored)


def test_a_site_that_fails_is_on_record_and_no_gap(
    beleg: Beleg, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Site.body = feed(("1", "eins"))
    collect(beleg)
    Site.status = 404
    assert "404" in collect(beleg, code=4)["stopped"]
    found = beleg("coverage", "--json").json
    assert "404" in found["lacking"][0]["stopped"]
    assert any("not read to its end" in why for why in found["threads"][0]["because"])
    Site.status = 200
    Site.body = feed(("1", "eins"), ("2", "zwei"))
    collect(beleg)
    because = beleg("coverage", "--json").json["threads"][0]["because"]
    assert not any("not read to its end" in why for why in because)


def test_a_crash_before_the_cursor_doubles_nothing(
    beleg: Beleg, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from archive.services.collect import haul

    Site.body = feed(("1", "eins"), ("2", "zwei"))

    def die(*_: object) -> None:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(haul, "report_drafts", die)
        assert beleg("collect", "werk").code == 1
    told = collect(beleg)
    assert (told["items"], told["seen_again"]) == (2, 0), "records and cursor come together, or not at all"
    assert beleg("search", "Nr", "--json").json["total"] == 2
    assert not (source / "workspace" / "collecting" / "werk").exists()


def test_records_report_and_cursor_are_one_commit(beleg: Beleg, source: Path) -> None:
    def commits() -> int:
        return len(list((source / "places" / "control" / "commits").iterdir()))

    Site.body = feed(("1", "eins"), ("2", "zwei"))
    before = commits()
    assert collect(beleg)["items"] == 2
    assert commits() == before + 1
    Site.body = feed(*((str(number), "wort " * 2000) for number in range(900)))
    assert collect(beleg)["items"] == 900
    assert commits() > before + 2, "what is more than a segment should hold goes before"
    assert collect(beleg)["items"] == 0
    assert beleg("verify", "--level", "2").code == 0


def test_sources_are_added_listed_and_taken_out(
    beleg: Beleg, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Site.body = feed(("1", "eins"))
    assert beleg("source", "list", "--json").json[0]["seen"] is None
    collect(beleg)
    (row,) = beleg("source", "list", "--json").json
    assert row["seen"] is not None
    assert row["kind"] == "feed"
    assert beleg("source", "test", "werk").code == 0
    told = beleg("source", "schedule", "--json").json
    assert told.keys() == {"systemd", "cron", "Windows"}
    assert all("collect --all" in text for text in told.values())
    again = beleg("source", "add", "werk", "feed", "--url", "https://x.example/f")
    assert again.code == 2
    assert "already" in again.err
    bad = beleg("source", "add", "zwei", "feed", "--url", "ftp://x.example/f")
    assert bad.code == 2
    assert "https://" in bad.err
    assert beleg("collect", "drei").code == 2
    assert beleg("collect").code == 2
    assert beleg("source", "remove", "werk").code == 0
    assert beleg("source", "list", "--json").json == []


def test_a_secret_that_is_not_there_fails_its_source_alone(beleg: Beleg, source: Path) -> None:
    Site.body = feed(("1", "eins"))
    added = beleg(
        "source", "add", "post", "imap", "--url", "imaps://mail.example", "--account", "a", "--secret", "env:NOT_SET",
        "--only", "*",
    )  # fmt: skip
    assert added.code == 0, added.err
    done = beleg("collect", "--all", "--json")
    told = {one["source"]: one for one in done.json}
    assert told["werk"]["items"] == 1
    assert "NOT_SET" in told["post"]["stopped"]
    assert done.code == told["post"]["exit_code"] == 2
    assert json.dumps(done.json)


def test_somebody_is_told_once_and_the_figures_say_so(
    beleg: Beleg, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = tmp_path / "told"
    program = tmp_path / "tell.sh"
    program.write_text(f"#!/bin/sh\ncat >> '{told}'\n")
    program.chmod(0o755)
    settings = source / "beleg.toml"
    text = settings.read_text().replace("\n[places]", '\nmetrics = "beleg.prom"\n\n[places]')
    settings.write_text(f'{text}\n[alerts]\ncommand = ["{program}"]\n')
    Site.body = feed(("1", "Fünf Jahre Garantie"))
    collect(beleg)
    assert not told.exists()
    Site.status = 500
    records = [beleg("status", "--json").json["size"]]
    for _ in range(3):
        assert collect(beleg, code=4)["failed_to_read"]
        records.append(beleg("status", "--json").json["size"])
    assert told.read_text() == "werk cannot be read: 127.0.0.1: it answers HTTP 500\n"
    assert records[1] > records[0], "the first is on record"
    assert records[1] == records[2] == records[3], "what lasts is not, each time"
    (row,) = beleg("status", "--json").json["sources"]
    assert row["failing_since"]
    assert "werk cannot be read" in beleg("status").out.replace("source ", "")
    figures = (source / "beleg.prom").read_text()
    assert 'beleg_source_up{source="werk"} 0' in figures
    assert 'beleg_source_items_total{source="werk"} 1' in figures
    assert "Garantie" not in figures + told.read_text()
    Site.status = 200
    Site.body = feed(("1", "Fünf Jahre Garantie"), ("2", "x"))
    collect(beleg)
    assert "answers again" in told.read_text()
    assert 'beleg_source_up{source="werk"} 1' in (source / "beleg.prom").read_text()


def test_nobody_to_tell_is_told(beleg: Beleg, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = source / "beleg.toml"
    settings.write_text(settings.read_text() + '\n[alerts]\ncommand = ["/nowhere/tell"]\n')
    Site.body = b"<html></html>"
    done = beleg("collect", "werk")
    assert done.code == 5
    assert "an alert was not taken" in done.err


def plain(*numbers: int) -> bytes:
    told = "".join(f"<item><title>{n}</title><link>https://werk.example/{n}</link></item>" for n in numbers)
    return f"<rss version='2.0'><channel><title>Werk</title>{told}</channel></rss>".encode()


def prefixed(*numbers: int) -> bytes:
    told = "".join(f"<a:entry><a:id>urn:{n}</a:id><a:title>{n}</a:title></a:entry>" for n in numbers)
    return f"<a:feed xmlns:a='http://www.w3.org/2005/Atom'>{told}</a:feed>".encode()


def without_ids(*numbers: int) -> bytes:
    items = [{"url": f"https://werk.example/{n}", "content_text": str(n)} for n in numbers]
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": items}).encode()


@pytest.mark.parametrize("make", [plain, prefixed, without_ids])
def test_entries_without_ids_are_known_by_their_addresses(
    beleg: Beleg, source: Path, make: Callable[..., bytes]
) -> None:
    Site.body = make(1, 2, 3)
    assert "3 entries are in sight" in beleg("source", "test", "werk").out
    assert collect(beleg)["items"] == 3
    Site.body = make(3, 4)
    assert collect(beleg)["gaps"] == 0
    Site.body = make(7, 8)
    assert collect(beleg, 3)["gaps"] == 1


def test_a_window_that_is_empty_for_once_forgets_nothing(beleg: Beleg, source: Path) -> None:
    for entries, code in (((("1", "eins"),), 0), ((), 0), ((("9", "neun"),), 3)):
        Site.body = feed(*entries)
        told = collect(beleg, code)
    assert told["gaps"] == 1


@pytest.mark.parametrize("body", [b"<!doctype html><html><h1>Anmeldung</h1></html>", b'{"error": "login"}'])
def test_a_page_that_is_no_feed_is_told_when_it_is_tried(beleg: Beleg, source: Path, body: bytes) -> None:
    Site.body = body
    tried = beleg("source", "test", "werk")
    assert tried.code == 3
    assert "no feed" in tried.out


def test_what_was_sealed_before_a_quiet_time_is_stamped_and_handed_out(
    beleg: Beleg, source: Path, tmp_path: Path, tools: Tools
) -> None:
    """A token was asked for, and a head given, after runs that brought something; a weekend has none."""
    tools.need("openssl")
    notary, memory = tmp_path / "notary", source / "workspace" / "anchors.json"
    notary.mkdir()
    server = Server(Stamper(tmp_path / "nord", "nord")).start()
    try:
        toml = source / "beleg.toml"
        toml.write_text(f"{toml.read_text()}\n[heads]\ncopy_to = ['{notary}']\n{server.settings()}")
        Site.body = feed(("1", "eins"))
        assert collect(beleg)["items"] == 1
        beleg("matter", "open", "Pumpe", "--reason", "Klage")
        assert collect(beleg)["items"] == 0
        assert beleg("verify", "--json").json["tokens"] == 1, "the last one is younger than an hour"
        memory.write_text('{"nord": {"stamped": "2025-01-01T00:00:00Z"}}')
        for _ in range(2):  # an anchor by itself triggers no anchor
            assert collect(beleg)["items"] == 0
            report = beleg("verify", "--head", notary, "--json").json
            assert (report["tokens"], report["newest_head"]) == (2, report["size"])
            memory.write_text('{"nord": {"stamped": "2025-01-01T00:00:00Z"}}')
    finally:
        server.stop()


def test_a_damaged_journal_of_reads_keeps_no_source_from_being_asked(
    beleg: Beleg, source: Path, site: str
) -> None:
    beleg("source", "add", "zweite", "feed", "--url", f"{site}?2")
    Site.body = feed(("1", "Fünf Jahre Garantie"))
    beleg("coverage")
    file = source / "workspace" / "journal.jsonl"
    file.write_bytes(file.read_bytes().replace(b'"coverage"', b'"nothing"'))
    done = beleg("collect", "--all")
    assert (done.code, len(Site.asked)) == (4, 2)
    assert "journal of reads was altered" in done.err
    assert all(f"{name}:" in done.out for name in ("werk", "zweite")), done.out


def test_what_an_address_said_is_nothing_to_another(beleg: Beleg, source: Path) -> None:
    Site.body = feed(("1", "eins"))
    collect(beleg)
    settings = source / "beleg.toml"
    settings.write_text(settings.read_text().replace("/feed.xml", "/other.xml"))
    told = collect(beleg, code=3)
    assert Site.asked[-1] == 200, "a validator of the one would be taken for one of the other"
    assert told["gaps"] == 1
    assert collect(beleg)["gaps"] == 0
