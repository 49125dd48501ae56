"""Time stamps by the command line, against authorities of the tests' own."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.authority import Ca, Server, Stamper, crowded, redated
from tests.commandline.conftest import CHAT, Beleg
from tests.tools import Tools
from tests.watchdog import ending


@pytest.fixture
def two(tmp_path: Path, tools: Tools) -> Iterator[tuple[Server, Server]]:
    tools.need("openssl")
    servers = [Server(Stamper(tmp_path / name, name)).start() for name in ("nord", "sued")]
    yield servers[0], servers[1]
    for server in servers:
        server.stop()


def _configure(archive: Path, *servers: Server, more: str = "") -> None:
    file = archive / "beleg.toml"
    file.write_text(file.read_text() + more + "".join(server.settings() for server in servers))


def test_without_an_authority_everything_says_so(beleg: Beleg, archive: Path, chat: Path) -> None:
    beleg("ingest", chat)
    assert "NO TIME PROOF" in beleg("status").out
    assert "NO TIME PROOF" in beleg("show", "6").out
    assert "NO TIME PROOF" in beleg("verify").out
    assert beleg("proof", "anchor").code == 2


def test_two_authorities_bracket_an_item(
    beleg: Beleg, archive: Path, chat: Path, two: tuple[Server, Server], tmp_path: Path
) -> None:
    _configure(archive, *two, more="\n[time]\nafter_minutes = 0\n")
    assert "NO TIME PROOF: no token" in beleg("status").out
    assert beleg("proof", "anchor").code == 0
    beleg("ingest", chat)
    number = beleg("search", "garantie", "--json").json["hits"][0]["number"]
    open_end = beleg("show", number, "--json").json["bracket"]
    assert open_end["after"]
    assert open_end["before"] is None
    done = beleg("proof", "anchor", "--json")
    assert done.code == 0
    assert {row["authority"] for row in done.json} == {"nord", "sued"}
    closed = beleg("show", number, "--json").json["bracket"]
    assert closed["after"] == open_end["after"]
    assert closed["after"] <= closed["before"]
    assert "NO TIME PROOF" not in beleg("status").out
    told = beleg("proof", "item", number, "--out", tmp_path / "proof").out
    assert "The time stamps are not in it" in told, "its checker says NO TIME PROOF"
    report = beleg("verify", "--json")
    assert report.code == 0, report.out
    assert report.json["tokens"] == 4
    assert report.json["timed_size"] > number
    roots = [two[0].stamper.folder / "roots.pem", two[1].stamper.folder / "roots.pem"]
    given = beleg("verify", "--authority", roots[0], "--authority", roots[1], "--json")
    assert (given.code, given.json["authorities_given"]) == (0, True)
    other = archive / "other.pem"
    other.write_bytes(Ca("somebody else").pem)
    refused = beleg("verify", "--authority", other, "--json")
    assert (refused.code, refused.json["tokens"]) == (4, 0)
    assert "NO TIME PROOF" in beleg("verify", "--authority", other).out
    one = beleg("verify", "--authority", roots[0])
    assert one.code == 0
    assert "2 tokens by CN=Authority sued end in none of the certificates that you gave" in one.out
    assert "by CN=Authority nord" in one.out


def test_one_down_is_queued_and_told_and_capture_goes_on(
    beleg: Beleg, archive: Path, chat: Path, two: tuple[Server, Server]
) -> None:
    two[1].stop()
    _configure(archive, *two, more="\n[time]\nafter_minutes = 60\ntimeout = 2.0\n")
    done = beleg("ingest", chat)
    assert "3 items sealed" in done.out
    assert done.code == 4
    assert "sued" in done.err
    assert "authority sued gave no token" in beleg("status").out
    assert beleg("verify", "--json").json["tokens"] == 1
    back = Server(two[1].stamper).start()
    try:
        file = archive / "beleg.toml"
        file.write_text(file.read_text().replace(two[1].url, back.url))
        chat.write_text(CHAT + "[03.02.25, 09:20:00] Lieferant: Bis Freitag\n", encoding="utf-8")
        assert beleg("ingest", chat).code == 0
    finally:
        back.stop()
    assert beleg("verify", "--json").json["tokens"] == 2, "only the queued one was asked again"
    assert "gave no token" not in beleg("status").out


def test_an_anchor_alone_triggers_no_anchor(
    beleg: Beleg, archive: Path, chat: Path, two: tuple[Server, Server]
) -> None:
    _configure(archive, *two)
    beleg("ingest", chat)
    tokens = beleg("verify", "--json").json["tokens"]
    beleg("ingest", chat)
    assert beleg("verify", "--json").json["tokens"] == tokens == 2


@pytest.mark.parametrize("memory", ["[]", '{"NAME": 3}', '{"NAME": {"stamped": 3, "size": "x"}}', "{"])
def test_a_damaged_memory_of_outsiders_is_learnt_anew(
    beleg: Beleg, archive: Path, chat: Path, tmp_path: Path, memory: str, caplog: pytest.LogCaptureFixture
) -> None:
    """It was a fault of `status`, and of each run after what came in was sealed."""
    notary, roots = tmp_path / "notary", tmp_path / "roots.pem"
    notary.mkdir()
    roots.write_bytes(Ca("nord").pem)
    authority = f"[[time.authorities]]\nname = 'nord'\nurl = 'http://127.0.0.1:1/'\nroots = '{roots}'\n"
    toml = archive / "beleg.toml"
    toml.write_text(f"{toml.read_text()}\n[heads]\ncopy_to = ['{notary}']\n{authority}")
    (archive / "workspace").mkdir(exist_ok=True)
    for name, whose in (("anchors.json", "nord"), ("heads.json", str(notary))):
        (archive / "workspace" / name).write_text(memory.replace("NAME", whose))
    assert beleg("status").code == 0
    assert "3 items sealed" in beleg("ingest", chat).out
    assert caplog.text.count("learnt anew") >= 2
    caplog.clear()
    warnings = " ".join(beleg("status", "--json").json["warnings"])
    assert ("nord gave no token" in warnings, caplog.text) == (True, "")
    assert len(list(notary.rglob("*-*"))) == 1


@pytest.mark.parametrize(
    "fault", ["nonce", "garbage", "other note", "no certificate chain", "accuracy", "too much"]
)
def test_an_answer_that_does_not_hold_is_never_stored(
    beleg: Beleg, archive: Path, two: tuple[Server, Server], fault: str, tmp_path: Path
) -> None:
    _configure(archive, *two)
    kept: list[bytes] = []
    if fault == "nonce":

        def replay(request: bytes, answer: bytes) -> bytes:
            kept.append(answer)
            return kept[0]

        two[0].change = replay
        assert beleg("proof", "anchor").code == 0
        # The same note again would give the same imprint; only the nonce tells the old answer from a new one.
    elif fault == "garbage":
        two[0].change = lambda request, answer: b"\x30\x82" + answer[::-1]
    elif fault == "other note":
        two[0].change = lambda request, answer: two[0].stamper.stamp(
            request.replace(request[30:60], bytes(30))
        )
    elif fault == "accuracy":
        two[0].change = lambda request, answer: redated(
            two[0].stamper, answer, datetime.now(UTC), seconds=10**21
        )
    elif fault == "too much":  # the set of certificates is not signed: anybody on the way may add some
        more = [Ca(f"beside {number}").der for number in range(70)]
        two[0].change = lambda request, answer: crowded(answer, more)
    else:
        (two[0].stamper.folder / "roots.pem").write_bytes(Ca("Root of nord").pem)
    before = beleg("verify", "--json").json["tokens"]
    done = beleg("proof", "anchor", "--json")
    assert done.code == 4
    problems = {row["authority"]: row["problem"] for row in done.json}
    assert problems["nord"]
    assert problems["sued"] is None
    report = beleg("verify", "--json")
    assert (report.code, report.json["tokens"]) == (0, before + 1)


def test_a_token_that_is_replaced_or_gone_is_a_finding(
    beleg: Beleg, archive: Path, two: tuple[Server, Server]
) -> None:
    _configure(archive, *two)
    beleg("proof", "anchor")
    files = sorted((archive / "places" / "archive" / "tokens").iterdir())
    sizes = [file.stat().st_size for file in files]
    token = files[sizes.index(max(sizes))]
    kept = token.read_bytes()
    token.chmod(0o600)
    token.write_bytes(kept[:-1] + bytes([kept[-1] ^ 1]))
    report = beleg("verify", "--json")
    assert report.code == 3
    assert {f["kind"] for f in report.json["findings"]} == {"bad_token"}
    token.unlink()
    assert {f["kind"] for f in beleg("verify", "--json").json["findings"]} == {"missing"}


def test_of_three_clocks_the_one_that_stands_alone_is_refused(
    beleg: Beleg, archive: Path, chat: Path, two: tuple[Server, Server]
) -> None:
    """A token from the future would make every honest one look too early until its time has come."""
    _configure(archive, *two)
    ahead = datetime.now(UTC) + timedelta(hours=22)
    two[1].change = lambda request, answer: redated(two[1].stamper, answer, ahead)
    done = beleg("proof", "anchor", "--json")
    assert done.code == 4
    problems = {row["authority"]: row["problem"] for row in done.json}
    assert problems["nord"] is None
    assert "most of the clocks" in problems["sued"]
    two[1].change = lambda request, answer: answer
    assert beleg("proof", "anchor").code == 0
    assert beleg("verify", "--json").json["tokens"] == 3


def test_where_this_host_stands_alone_two_authorities_are_believed(
    beleg: Beleg, archive: Path, two: tuple[Server, Server]
) -> None:
    _configure(archive, *two)
    ahead = datetime.now(UTC) + timedelta(hours=2)
    for server in two:
        server.change = lambda request, answer, by=server: redated(by.stamper, answer, ahead)  # type: ignore[misc]
    assert beleg("proof", "anchor").code == 0


@contextmanager
def _dripping() -> Iterator[str]:
    """A server that sends a byte now and then, and never ends."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        ended = threading.Event()

        def serve() -> None:
            with suppress(OSError), server.accept()[0] as client:
                client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n")
                while not ended.wait(0.05):
                    client.sendall(b"0")

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
        ended.set()
        thread.join()


def test_an_authority_that_answers_drop_by_drop_holds_nobody_up(
    beleg: Beleg, archive: Path, chat: Path, two: tuple[Server, Server]
) -> None:
    with _dripping() as address:
        _configure(archive, *two, more="\n[time]\ntimeout = 2.0\n")
        file = archive / "beleg.toml"
        file.write_text(file.read_text().replace(two[1].url, address))
        with ending():
            done = beleg("ingest", chat)
    assert done.code == 4
    assert "sued: no whole answer" in done.err
    assert beleg("verify", "--json").json["tokens"] == 1


def test_what_cannot_be_stamped_for_want_of_a_file_goes_to_outsiders_all_the_same(
    beleg: Beleg, archive: Path, chat: Path, two: tuple[Server, Server], tmp_path: Path
) -> None:
    (tmp_path / "outside").mkdir()
    _configure(archive, *two, more=f"\n[heads]\ncopy_to = ['{tmp_path / 'outside'}']\n")
    (two[0].stamper.folder / "roots.pem").unlink()
    done = beleg("ingest", chat)
    assert done.code == 4
    assert "roots.pem: cannot be read" in done.err
    assert list((tmp_path / "outside").rglob("*-*"))


def test_an_authority_that_is_believed_by_no_root_is_told_before_it_is_asked(
    beleg: Beleg, archive: Path, chat: Path, two: tuple[Server, Server]
) -> None:
    stamper = two[0].stamper
    (stamper.folder / "roots.pem").write_bytes((stamper.folder / "tsa.pem").read_bytes())
    _configure(archive, two[0])
    done = beleg("proof", "anchor")
    assert (done.code, "roots.pem: holds no certificate that issued itself" in done.err) == (2, True), (
        done.err
    )
    done = beleg("ingest", chat)
    assert (done.code, "items sealed" in done.out) == (4, True), "capture goes on"
