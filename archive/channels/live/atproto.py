"""The interface of a Bluesky server (atproto.com, lexicons ``com.atproto``), and what is remembered of a repository."""

import json
import re
from base64 import b32decode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from archive.channels.live.web import Response, Web
from archive.errors import AskedToWait, FormatError, Refused, Unreachable
from archive.sources import Answer

COLLECTIONS = ("app.bsky.feed.post", "app.bsky.feed.repost", "app.bsky.feed.like")
WINDOW = 2000
"""Records that are remembered for comparison, the newest by their key."""
LARGEST_REPOSITORY = 512 << 20
LARGEST_BLOB = 256 << 20
_WORD = re.compile(r"[A-Za-z]{1,60}")
_RAW_SHA256 = b"\x01\x55\x12\x20"
_CID = re.compile(r"[a-z2-7]{20,120}")


@dataclass(slots=True)
class Seen:
    """What is remembered of a record: its version, and the answer in which it came."""

    version: str
    place: str


@dataclass(slots=True)
class Known:
    """How far a repository was read: the cursor."""

    did: str | None = None
    seq: int | None = None
    """The last event of the server's firehose."""
    rev: str | None = None
    """The revision up to which nothing is missing."""
    full: str | None = None
    """When everything was last compared."""
    seen: dict[str, Seen] = field(default_factory=dict)

    @classmethod
    def of(cls, text: str | None) -> "Known":
        """Read a cursor; raises FormatError if it is none."""
        if text is None:
            return cls()
        try:
            told = json.loads(text)
            places = told["places"]
            seen = {str(path): Seen(str(row[0]), str(places[row[1]])) for path, row in told["seen"].items()}
            return cls(told["did"], told["seq"], told["rev"], told["full"], seen)
        except (ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
            raise FormatError("the cursor of a Bluesky account cannot be read") from error

    def text(self) -> str:
        """Write it; records beyond the window are forgotten."""
        newest = sorted(self.seen, key=lambda path: path.rpartition("/")[2])[-WINDOW:]
        self.seen = {path: self.seen[path] for path in newest}
        places = {
            place: at for at, place in enumerate(dict.fromkeys(one.place for one in self.seen.values()))
        }
        rows = {path: [one.version, places[one.place]] for path, one in self.seen.items()}
        told = {
            "did": self.did, "seq": self.seq, "rev": self.rev, "full": self.full, "places": list(places), "seen": rows
        }  # fmt: skip
        return json.dumps(told, separators=(",", ":"))

    def differs(self, path: str, cid: str) -> bool:
        """Say whether a record is new, or other than it was. What left the window is new, and known when it comes."""
        return path not in self.seen or self.seen[path].version != cid[-10:]

    def note(self, path: str, cid: str, place: str) -> None:
        """Remember a record of an answer."""
        self.seen[path] = Seen(cid[-10:], place)


class Atproto:
    """One server."""

    def __init__(self, url: str, web: Web) -> None:
        self._base, self.web = url.rstrip("/"), web

    def ask(self, method: str, params: dict[str, str], largest: int = 64 << 20) -> Response:
        """Ask a method.

        Raises:
            Refused: the server has no such account, or gives it to nobody now.
            Unreachable: no answer, or none of such a server.
        """
        response = self.web.get(
            f"{self._base}/xrpc/{method}", params=params, accepted=(200, 400, 404), largest=largest
        )
        if response.status == 200:
            return response
        error = response.object().get("error")
        word = error if isinstance(error, str) and _WORD.fullmatch(error) else f"HTTP {response.status}"
        if word.startswith("Repo") or word in (
            "NotFound",
            "AccountNotFound",
            "ActorNotFound",
            "BlockedActor",
        ):
            raise Refused(f"{method}: the server does not give this account ({word})")
        raise Unreachable(f"{method}: the server answers {word}")

    def did_of(self, account: str) -> str:
        """Give the lasting name of an account; handles change."""
        if account.startswith("did:"):
            return account
        did = (
            self.ask("com.atproto.identity.resolveHandle", {"handle": account.removeprefix("@")})
            .object()
            .get("did")
        )
        if not isinstance(did, str) or not did.startswith("did:"):
            raise Unreachable("the server names no account for this handle")
        return did

    def handle_of(self, did: str) -> str:
        """Give how an account is called now."""
        handle = self.ask("com.atproto.repo.describeRepo", {"repo": did}).object().get("handle")
        if not isinstance(handle, str):
            raise Unreachable("the server names no handle of this account")
        return handle

    def latest(self, did: str) -> str:
        """Give the newest revision of a repository."""
        rev = self.ask("com.atproto.sync.getLatestCommit", {"did": did}).object().get("rev")
        if not isinstance(rev, str):
            raise Unreachable("the server names no revision")
        return rev

    def repository(self, did: str) -> bytes:
        """Give a repository as a CAR."""
        return self.ask("com.atproto.sync.getRepo", {"did": did}, LARGEST_REPOSITORY).body

    def records(self, did: str, collection: str) -> Iterator[tuple[Response, list[dict[str, Any]]]]:
        """Give every page of a collection, the newest first. A full last page gives a cursor too: then one is empty."""
        params = {"repo": did, "collection": collection, "limit": "100"}
        before: str | None = None
        while True:
            page = self.ask("com.atproto.repo.listRecords", params)
            told = page.object()
            found = told.get("records")
            if not isinstance(found, list) or not all(_is_record(one) for one in found):
                raise Unreachable("a list of records with something that is none")
            if not found:
                return
            yield page, found
            cursor = told.get("cursor")
            if not isinstance(cursor, str):
                return
            if cursor == before:
                raise Unreachable("the server gives the same page again and again")
            before = params["cursor"] = cursor

    def blobs(self, did: str, cids: Iterable[str], folder: str) -> tuple[list[Answer], int]:
        """Fetch pictures and films by their name; how many could not be had."""
        answers: list[Answer] = []
        missed = 0
        for cid in dict.fromkeys(cids):
            try:
                got = self.ask("com.atproto.sync.getBlob", {"did": did, "cid": cid}, LARGEST_BLOB)
            except AskedToWait:
                raise
            except (Unreachable, Refused):
                missed += 1  # the post stays, and says that its picture is missing
                continue
            if not _is_named(got.body, cid):
                missed += 1  # a login page, perhaps: its name is the hash of what it holds
                continue
            answers.append(Answer(f"{folder}/{cid}", got.body, f"getBlob {cid}", "bluesky"))
        return answers, missed

    @staticmethod
    def digest(page: Response) -> str:
        """Give a short name of an answer."""
        return sha256(page.body).hexdigest()[:16]


def _is_named(body: bytes, cid: str) -> bool:
    """Say whether bytes are what a name of raw bytes stands for (CIDv1, raw, SHA-256); other names tell nothing."""
    try:
        name = b32decode(f"{cid[1:].upper()}{'=' * (-(len(cid) - 1) % 8)}")
    except ValueError:
        return False
    return name[:4] != _RAW_SHA256 or name[4:] == sha256(body).digest()


def _is_record(one: object) -> bool:
    return isinstance(one, dict) and isinstance(one.get("uri"), str) and isinstance(one.get("cid"), str)


def blob_ids(value: object, depth: int = 0) -> list[str]:
    """Give the names of the files that a record holds, wherever they stand in it."""
    if depth > 20:
        return []
    if isinstance(value, list):
        return [cid for one in value for cid in blob_ids(one, depth + 1)]
    if not isinstance(value, dict):
        return []
    if value.get("$type") == "blob":
        ref = value.get("ref")
        cid = ref.get("$link") if isinstance(ref, dict) else ref
        return [str(cid)] if isinstance(cid, str) and _CID.fullmatch(cid) else []
    return [cid for one in value.values() for cid in blob_ids(one, depth + 1)]
