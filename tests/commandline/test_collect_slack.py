"""A Slack workspace, replayed in the shapes of docs.slack.dev: threads, edits, deletions, limits, traps of pages."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.commandline.conftest import Beleg, replayed

START = 1_795_457_371


class Workspace:
    """What a workspace holds, and how its Web API answers."""

    def __init__(self) -> None:
        self.channels: dict[str, list[dict[str, Any]]] = {"C0000001": [], "C0000002": []}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.sent_to: dict[str, str | None] = {}
        self.errors: dict[str, list[dict[str, Any]]] = {}
        """Errors that a method gives before it answers."""
        self.limited = 0
        self.page = 15
        self.plan_hides: set[str] = set()
        self.token = "xoxb-good"
        self.scopes = "channels:history,channels:read,users:read,files:read"
        self.clock = START

    def ts(self) -> str:
        self.clock += 1
        return f"{self.clock}.000100"

    def post(self, words: str, channel: str = "C0000001", root: str | None = None, **more: Any) -> str:
        ts = self.ts()
        message = {
            "type": "message",
            "user": "U0000ANNA",
            "text": words,
            "ts": ts,
            "team": "T0000WERK",
            **more,
        }
        self.channels[channel].append({**message, **({"thread_ts": root} if root else {})})
        return ts

    def find(self, ts: str) -> dict[str, Any]:
        return next(one for said in self.channels.values() for one in said if one["ts"] == ts)

    def edit(self, ts: str, words: str) -> None:
        self.find(ts).update(text=words, edited={"user": "U0000ANNA", "ts": self.ts()})

    def delete(self, ts: str) -> None:
        for said in self.channels.values():
            said[:] = [one for one in said if one["ts"] != ts]

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.sent_to[request.url.host] = request.headers.get("Authorization")
        if request.url.host == "files.slack.com":
            if request.url.path.startswith("/login"):
                return httpx.Response(200, html="<html>Sign in to Slack</html>")
            return httpx.Response(
                200, content=b"%PDF-1.4 Angebot", headers={"Content-Type": "application/pdf"}
            )
        method, asked = request.url.path.removeprefix("/api/"), dict(request.url.params)
        self.asked.append((method, asked))
        if self.limited:
            self.limited -= 1
            return httpx.Response(
                429, headers={"Retry-After": "3"}, json={"ok": False, "error": "ratelimited"}
            )
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            return self.say({"ok": False, "error": "invalid_auth"})
        if self.errors.get(method):
            return self.say({"ok": False, **self.errors[method].pop(0)})
        headers = {"X-OAuth-Scopes": self.scopes} if method == "auth.test" else {}
        return httpx.Response(200, json=getattr(self, method.replace(".", "_"))(asked), headers=headers)

    @staticmethod
    def say(told: dict[str, Any]) -> httpx.Response:
        return httpx.Response(200, json=told)

    def auth_test(self, _: dict[str, str]) -> dict[str, Any]:
        return {
            "ok": True, "url": "https://werk.slack.com/", "team": "Werk", "user": "archiv",
            "team_id": "T0000WERK", "user_id": "U000ARCHIV", "bot_id": "B0000001",
        }  # fmt: skip

    def users_info(self, asked: dict[str, str]) -> dict[str, Any]:
        profile = {"display_name": "Anna", "email": "anna@werk.example"}
        return {
            "ok": True,
            "user": {"id": asked["user"], "team_id": "T0000WERK", "name": "anna", "profile": profile},
        }

    def channel(self, ident: str) -> dict[str, Any]:
        name = {"C0000001": "angebote", "C0000002": "kantine"}[ident]
        return {"id": ident, "name": name, "is_channel": True, "is_private": False, "is_member": True}

    def conversations_info(self, asked: dict[str, str]) -> dict[str, Any]:
        return {"ok": True, "channel": self.channel(asked["channel"])}

    def conversations_list(self, asked: dict[str, str]) -> dict[str, Any]:
        """The first page is empty and leads on: only a missing cursor ends a listing."""
        if "cursor" not in asked:
            return {"ok": True, "channels": [], "response_metadata": {"next_cursor": "dGVhbTpD"}}
        found = [self.channel(one) for one in self.channels]
        return {"ok": True, "channels": found, "response_metadata": {"next_cursor": ""}}

    def conversations_history(self, asked: dict[str, str]) -> dict[str, Any]:
        said = [
            one for one in self.channels[asked["channel"]] if one.get("thread_ts", one["ts"]) == one["ts"]
        ]
        return self.listed([self.with_replies(one, asked["channel"]) for one in said], asked, newest=True)

    def with_replies(self, one: dict[str, Any], channel: str) -> dict[str, Any]:
        replies = [r["ts"] for r in self.channels[channel] if r.get("thread_ts") == one["ts"]]
        if not replies:
            return one
        return {**one, "thread_ts": one["ts"], "reply_count": len(replies), "latest_reply": max(replies)}

    def conversations_replies(self, asked: dict[str, str]) -> dict[str, Any]:
        said = self.channels[asked["channel"]]
        roots = [self.with_replies(one, asked["channel"]) for one in said if one["ts"] == asked["ts"]]
        if not roots:
            return {"ok": False, "error": "thread_not_found"}
        told = self.listed([one for one in said if one.get("thread_ts") == asked["ts"]], asked, newest=False)
        return {**told, "messages": [*roots, *told["messages"]]}  # every page begins with the parent

    def listed(self, said: list[dict[str, Any]], asked: dict[str, str], *, newest: bool) -> dict[str, Any]:
        oldest, latest = asked.get("oldest", "0"), asked.get("latest", "9" * 10)
        both = asked.get("inclusive") == "true"
        found = [
            one for one in said if oldest < one["ts"] < latest or (both and one["ts"] in (oldest, latest))
        ]
        found = [one for one in found if one["ts"] not in self.plan_hides]
        found.sort(key=lambda one: one["ts"], reverse=newest)
        start, size = int(asked.get("cursor", "0")), min(self.page, int(asked["limit"]))
        more = len(found) > start + size
        told: dict[str, Any] = {"ok": True, "messages": found[start : start + size], "has_more": more}
        if self.plan_hides:
            told["is_limited"] = True
        if more:
            told["response_metadata"] = {"next_cursor": str(start + size)}
        return told


@pytest.fixture
def workspace(monkeypatch: pytest.MonkeyPatch) -> Workspace:
    said = Workspace()
    replayed(monkeypatch, said.answer)
    monkeypatch.setenv("SLACK", said.token)
    monkeypatch.setattr("archive.channels.live.slack_cursor.time.time", lambda: START + 3600)
    return said


@pytest.fixture
def source(beleg: Beleg, archive: Path, workspace: Workspace) -> Path:
    done = beleg(
        "source", "add", "werk", "slack", "--account", "Werk", "--secret", "env:SLACK", "--only", "angebote",
    )  # fmt: skip
    assert done.code == 0, done.err
    return archive


def collect(beleg: Beleg, code: int = 0) -> dict[str, Any]:
    done = beleg("collect", "werk", "--json")
    assert done.code == code, (done.out, done.err)
    return done.json[0]  # type: ignore[no-any-return]


def deep(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the next collection compare everything."""
    monkeypatch.setattr(
        "archive.channels.live.slack.timedelta", lambda hours: __import__("datetime").timedelta(0)
    )


def words(beleg: Beleg, event: str = "posted") -> list[str]:
    hits = beleg("search", "channel:slack", "--json", "--limit", "1000").json["hits"]
    return sorted(hit["text"] for hit in hits if hit["event"] == event)


def test_pages_threads_and_files_and_nothing_that_was_not_asked_for(
    beleg: Beleg, source: Path, workspace: Workspace
) -> None:
    truth = [workspace.post(f"Nummer {number:03d}") for number in range(40)]
    for number in range(40):
        workspace.post(f"Antwort {number:03d}", root=truth[3])
    workspace.post("Speiseplan", channel="C0000002")
    told = {"id": "F00000001", "name": "angebot.pdf", "mimetype": "application/pdf"}
    workspace.post("Anbei", files=[{**told, "url_private": "https://files.slack.com/f/angebot.pdf"}])
    workspace.post(
        "Woanders", files=[{**told, "id": "F00000002", "url_private": "https://evil.example/a.pdf"}]
    )
    workspace.post("Zu", files=[{**told, "id": "F00000003", "url_private": "https://files.slack.com/login"}])
    got = collect(beleg, code=3)
    assert (got["items"], got["failed"], got["gaps"]) == (83, 0, 1), "a file that could not be had is a gap"
    assert words(beleg) == sorted(
        [f"{what} {n:03d}" for what in ("Nummer", "Antwort") for n in range(40)] + ["Anbei", "Woanders", "Zu"]
    )
    assert "evil.example" not in workspace.sent_to, "the token goes to Slack alone"
    files = [
        beleg("show", str(hit["number"]), "--json").json["item"]["attachments"][0]["state"]
        for hit in beleg("search", "has:file", "--json").json["hits"]
    ]
    assert sorted(files) == ["missing", "missing", "present"], "a login page is no file"
    item = beleg(
        "show", str(beleg("search", '"Nummer 003"', "--json").json["hits"][0]["number"]), "--json"
    ).json["item"]
    assert (item["key"]["scope"], item["key"]["id"]) == ("T0000WERK/C0000001", truth[3])
    assert item["author"]["written"] == "Anna"
    assert item["via"]["id"] == "U000ARCHIV"
    again = collect(beleg)
    assert (again["items"], again["seen_again"]) == (0, 0), "what is known is not even sealed as seen again"
    assert beleg("verify", "--level", "2").code == 0


def test_edits_deletions_and_late_replies(
    beleg: Beleg, source: Path, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    price, wrong, old = workspace.post("80 Euro"), workspace.post("Falsch"), workspace.post("Frage")
    reply = workspace.post("Antwort eins", root=old)
    slip = workspace.post("Verplappert", root=old)
    assert collect(beleg)["items"] == 5
    workspace.edit(price, "90 Euro")
    workspace.delete(wrong)
    workspace.post("Antwort zwei", root=old)
    told = collect(beleg)
    assert (told["items"], told["changed"], told["failed"], told["gaps"]) == (3, 1, 0, 0)
    assert words(beleg) == ["80 Euro", "Antwort eins", "Antwort zwei", "Falsch", "Frage", "Verplappert"]
    assert words(beleg, "edited") == ["90 Euro"]
    gone = [hit for hit in beleg("search", "deleted:yes", "--json").json["hits"] if hit["event"] == "deleted"]
    assert [
        beleg("show", str(h["number"]), "--json").json["item"]["targets"][0]["key"]["id"] for h in gone
    ] == [wrong]

    workspace.edit(reply, "Antwort eins, verbessert")
    workspace.delete(slip)
    assert collect(beleg)["items"] == 0, "what stands in a thread is compared every full_hours"
    deep(monkeypatch)
    assert collect(beleg)["items"] == 2
    assert words(beleg, "edited") == ["90 Euro", "Antwort eins, verbessert"]
    assert collect(beleg)["items"] == 0
    workspace.find(old).update(
        subtype="tombstone", user="USLACKBOT", text="This message was deleted.", hidden=True
    )
    assert collect(beleg)["items"] == 1, "a parent that was deleted leaves a tombstone"
    assert beleg("verify", "--level", "2").code == 0


def test_what_the_plan_of_a_workspace_hides_is_not_told_as_deleted(
    beleg: Beleg, source: Path, workspace: Workspace
) -> None:
    oldest = [workspace.post("Fünf Jahre Garantie"), workspace.post("Sechs")]
    workspace.post("Antwort", root=oldest[0])
    workspace.post("Sieben")
    wrong = workspace.post("Falsch")
    workspace.post("Neu")
    collect(beleg)
    workspace.plan_hides = set(oldest)
    workspace.delete(wrong)
    collect(beleg)
    hits = beleg("search", "deleted:yes", "--json").json["hits"]
    (gone,) = [hit for hit in hits if hit["event"] == "deleted"]
    told = beleg("show", str(gone["number"]), "--json").json["item"]
    assert told["targets"][0]["key"]["id"] == wrong, "what stands above something that is listed was deleted"
    assert words(beleg) == ["Antwort", "Falsch", "Fünf Jahre Garantie", "Neu", "Sechs", "Sieben"]


def test_limits_busy_servers_and_refused_cursors_are_lived_with(
    beleg: Beleg, source: Path, workspace: Workspace
) -> None:
    for number in range(40):
        workspace.post(f"Nummer {number:03d}")
    workspace.limited = 2
    workspace.errors = {
        "conversations.history": [{"error": "internal_error"}, {"error": "invalid_cursor"}],
        "users.info": [{"error": "user_not_found"}],
    }
    told = collect(beleg)
    assert (told["items"], told["gaps"]) == (40, 0)
    assert told["waited"] >= 6
    assert len(words(beleg)) == 40


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (
            {"error": "missing_scope", "needed": "channels:history", "provided": "users:read"},
            5,
            "channels:history",
        ),
        ({"error": "token_revoked"}, 5, "token_revoked"),
        ({"error": "org_is_down: call <b>Anna</b>"}, 4, "without a word"),
    ],
)
def test_what_ends_a_collection_is_on_record_and_quotes_no_server(
    beleg: Beleg, source: Path, workspace: Workspace, error: dict[str, Any], code: int, said: str
) -> None:
    workspace.post("Bleibt")
    workspace.errors = {"conversations.history": [dict(error) for _ in range(9)]}
    told = collect(beleg, code=code)
    assert said in told["stopped"]
    assert "Anna" not in json.dumps(told)
    assert any(said in str(run["stopped"]) for run in beleg("coverage", "--json").json["lacking"])
    workspace.errors.clear()
    assert collect(beleg)["items"] == 1


def test_a_channel_that_is_not_given_is_a_gap_once_and_the_others_go_on(
    beleg: Beleg, archive: Path, workspace: Workspace
) -> None:
    beleg("source", "add", "werk", "slack", "--account", "Werk", "--secret", "env:SLACK", "--only", "*")
    workspace.post("Zwei", channel="C0000002")
    workspace.errors = {"conversations.history": [{"error": "not_in_channel"}]}
    told = collect(beleg, code=3)
    assert (told["items"], told["gaps"]) == (1, 1)
    workspace.errors = {"conversations.history": [{"error": "not_in_channel"}]}
    assert collect(beleg)["gaps"] == 0, "it is on record already"
    done = beleg("source", "test", "werk", "--json")
    assert done.code == 0
    workspace.errors = {"conversations.history": [{"error": "not_in_channel"}]}
    done = beleg("source", "test", "werk")
    assert done.code == 3
    assert "invite the app" in done.out


def test_which_scopes_the_token_lacks_is_told(beleg: Beleg, source: Path, workspace: Workspace) -> None:
    assert beleg("source", "test", "werk").code == 0
    workspace.scopes = "channels:read,users:read"
    done = beleg("source", "test", "werk", "--json")
    assert done.code == 3
    missing = {row["what"] for row in done.json if row["given"] == "no"}
    assert missing == {"scope channels:history", "scope files:read"}


def test_another_workspace_needs_another_source(beleg: Beleg, source: Path, workspace: Workspace) -> None:
    workspace.post("eins")
    collect(beleg)
    workspace.auth_test = lambda _: {  # type: ignore[method-assign]
        "ok": True, "team": "Andere", "team_id": "T0OTHER", "user_id": "U1", "user": "x"
    }  # fmt: skip
    assert "another workspace" in collect(beleg, code=5)["stopped"]


def test_a_reading_that_breaks_off_goes_on_where_it_was(
    beleg: Beleg, source: Path, workspace: Workspace
) -> None:
    for number in range(60):
        workspace.post(f"Nummer {number:03d}")
    first = workspace.conversations_history
    calls: list[dict[str, str]] = []

    def breaks(asked: dict[str, str]) -> dict[str, Any]:
        calls.append(asked)
        return first(asked) if len(calls) < 3 else {"ok": False, "error": "team_added_to_org"}

    workspace.conversations_history = breaks  # type: ignore[method-assign]
    assert collect(beleg, code=4)["items"] == 30
    workspace.post("Nummer 060")
    workspace.conversations_history = first  # type: ignore[method-assign]
    told = collect(beleg)
    assert (told["items"], told["seen_again"]) == (31, 0)
    assert words(beleg) == [f"Nummer {n:03d}" for n in range(61)]


def test_a_page_that_comes_again_and_again_ends_it(beleg: Beleg, source: Path, workspace: Workspace) -> None:
    workspace.post("eins")
    workspace.conversations_history = lambda _: {  # type: ignore[method-assign]
        "ok": True, "messages": [], "has_more": True, "response_metadata": {"next_cursor": "same"}
    }  # fmt: skip
    assert "again and again" in collect(beleg, code=4)["stopped"]
    workspace.conversations_history = lambda _: {"ok": True, "messages": [], "has_more": True}  # type: ignore[method-assign]
    assert "not where" in collect(beleg, code=4)["stopped"]


def test_after_a_long_stop_every_channel_is_compared_with_what_was_known(
    beleg: Beleg, source: Path, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = source / "beleg.toml"
    file.write_text(file.read_text().replace('only = ["angebote"]', 'only = ["*"]'))
    posts = [workspace.post("vorher", channel) for channel in workspace.channels]
    monkeypatch.setattr("archive.channels.live.slack_cursor.time.time", lambda: START + 86_400)
    assert beleg("collect", "werk", "--json").json[0]["items"] == 2
    for post in posts:
        workspace.edit(post, "nachher")
    monkeypatch.setattr("archive.channels.live.slack_cursor.time.time", lambda: START + 41 * 86_400)
    assert beleg("collect", "werk", "--json").json[0]["changed"] == 2
