"""The channel: which script holds what."""

import html
import re
from collections.abc import Iterator
from typing import Any, ClassVar

from archive.channels.called import also_called
from archive.channels.export import ExportReader, Made, Run, Scene, Taker, look
from archive.channels.x_archive.items import TOLD, expanded, mentioned, message, targets_of, time_of
from archive.ports import Facts, ReadOptions
from archive.reading.json_fields import Fields, NotUnderstood
from archive.reading.json_walk import Path, Value
from archive.reading.shape import Shape, shapes
from archive.reading.tree import Member, Tree
from archive.reading.units import Completeness, Reading
from schemas.capture import Claim
from schemas.item import (
    Account,
    Actor,
    Attachment,
    Body,
    Deleted,
    Edited,
    Key,
    Raw,
    Reaction,
    Target,
    Thread,
)

_VARIABLE = re.compile(
    r"(?:window\.YTD\.(\w+?)\.part\d+|Grailbird\.data\.(tweets)_\d{4}_\d{2}|window\.(__THAR_CONFIG))"
)
_TWEETS = ("tweet", "tweets", "community_tweet", "deleted_tweets", "deleted_tweet")
_MESSAGES = ("direct_messages", "direct_message", "direct_messages_group", "direct_message_group")


def _variable(shape: Shape) -> str | None:
    match = _VARIABLE.fullmatch(shape.name) if shape.kind == "js" else None
    return next((group for group in match.groups() if group), None) if match else None


class _Reading(Run):
    def __init__(self, reader: ExportReader, tree: Tree, options: ReadOptions) -> None:
        super().__init__(reader, tree, options)
        self._scenes: dict[str, Scene] = {}
        self._counted: dict[str, int] = {}
        self._handle: str | None = None
        self._name: str | None = None
        for member in tree.files():
            if member.name == "account.js":
                told = look(member, lambda _: False, enter=lambda _: True)
                if isinstance(ident := told.get("/0/account/accountId"), str):
                    self.via = Key(channel=self.channel, scope="", id=ident)
                    self._handle, self._name = (
                        told.get("/0/account/username"),
                        told.get("/0/account/accountDisplayName"),
                    )
                    names = (self._name, self._handle)
                    self.called[ident] = tuple(name for name in names if isinstance(name, str))

    def taker(self, member: Member) -> Taker | str | None:
        if not (self.tree.single or member.name.endswith(".js")):
            return None
        name = _variable(shapes(self.tree).of(member))
        if name in _TWEETS:
            return self._units(name, self._tweet)
        if name in _MESSAGES:
            return self._conversations
        if name == "like":
            return self._units(name, self._like)
        if name == "note_tweet":
            return self._units(name, self._note)
        if name == "account":
            return self._units(name, self._account)
        if name == "__THAR_CONFIG":
            return self._manifest
        if member.folder.endswith("assets/") or name is None:
            return None if self.tree.single else "part of the page that shows the archive"
        if name == "article" and shapes(self.tree).of(member).paths - {""}:
            return None  # long posts, in a form that was never seen: kept, and told
        return "not post, like or message"

    def completeness(self) -> Completeness:
        """Hold the counts of the manifest against what was found."""
        expected = [claim for claim in self.claims if claim.expected is not None]
        self.claims = [claim for claim in self.claims if claim.expected is None]
        for claim in expected:
            found = self._counted.get(claim.scope, 0)
            self.claims.append(claim.model_copy(update={"found": found}))
        return super().completeness()

    def _count(self, member: Member, path: Path) -> None:
        if path and isinstance(path[0], int):
            known = self._counted.get(member.name, 0)
            self._counted[member.name] = max(known, path[0] + 1)

    def _manifest(self, member: Member) -> Iterator[Reading]:
        def make(value: Value, f: Fields, raw: Raw, made: Made) -> None:  # noqa: ARG001
            name, count = f.text("fileName"), f.number("count")
            found = re.fullmatch(r"(?:window\.)?YTD\.(\w+?)\.part\d+", f.text("globalName") or "")
            if not name or count is None:
                raise NotUnderstood("no file name and count")
            if found and found[1] in (*_TWEETS, *_MESSAGES, "like", "note_tweet"):
                self.claims.append(Claim(scope=name.rpartition("/")[2], kind="exact", expected=count))

        yield from self.json_units(
            member,
            lambda path: len(path) == 4 and path[0] == "dataTypes" and path[2] == "files",
            make,
        )

    def _units(self, name: str, one: Any) -> Taker:
        def take(member: Member) -> Iterator[Reading]:
            def make(value: Value, fields: Fields, raw: Raw, made: Made) -> None:
                self._count(member, value.path)
                one(member, fields, raw, made, name)

            yield from self.json_units(member, lambda path: len(path) == 1, make)

        return take

    def _wall(self, name: str, raw: Raw, made: Made) -> Scene:
        ident = f"{self.via.id}/{name}"
        if ident not in self._scenes:
            scene = self._scenes[ident] = self.scene(ident, derived=True, visibility="public")
            made.threads.append(Thread(key=scene.thread, via=self.via, kind="wall", title=name, raw=raw))
        return self._scenes[ident]

    def _account(self, member: Member, f: Fields, raw: Raw, made: Made, _: str) -> None:  # noqa: ARG002
        told = f.object("account") or f
        ident = told.text("accountId")
        if not ident:
            raise NotUnderstood("an account without an id")
        key = Key(channel=self.channel, scope="", id=ident)
        name, handle, address = told.text("accountDisplayName"), told.text("username"), told.text("email")
        made.accounts.append(
            Account(key=key, via=self.via, name=name, handle=handle, address=address, raw=raw)
        )

    def _tweet(self, member: Member, f: Fields, raw: Raw, made: Made, name: str) -> None:
        tweet = f.object("tweet") or f
        ident, written = tweet.id("id_str", "id"), tweet.text("created_at")
        time = time_of(written)
        text = tweet.text("full_text", "text")
        if not ident or time is None or text is None:
            raise NotUnderstood("a post without id, time or text")
        tweet.known(
            "id",
            "entities",
            "extended_entities",
            "display_text_range",
            "truncated",
            "favorited",
            "retweeted",
            "in_reply_to_user_id",
        )
        tweet.known("in_reply_to_status_id", "contributors", "user", "id_str")
        scene = self._wall("posts", raw, made)
        deleted = name.startswith("deleted")
        info = tweet.object("edit_info")
        item = scene.item(
            raw,
            scene.key(ident),
            event="deleted" if deleted else "posted",
            form="post",
            author=self._author(scene, tweet),
            recipients=mentioned(scene, tweet),
            time=time,
            targets=tuple(targets_of(scene, tweet, text, info)),
            text=expanded(text, tweet),
            body=Body(type="text/plain", content=text),
            attachments=tuple(self._media(member, tweet, ident, made)),
            deleted=Deleted(by="author") if deleted else None,
            edited=Edited() if info and info.object("edit") else None,
            extra=made.told(
                tweet,
                *TOLD,
                "deleted_at",
                "community_id_str",
                "scopes",
                "edit_info",
                "in_reply_to_screen_name",
            ),
        )
        made.items.append(item)

    def _author(self, scene: Scene, tweet: Fields) -> Actor | None:
        user = tweet.object("user")
        if user is not None:
            return also_called(
                scene.actor(user.id("id_str", "id"), user.text("name")), user.text("screen_name")
            )
        return self._own(scene)

    def _own(self, scene: Scene) -> Actor | None:
        ident = None if self.via.derived else self.via.id
        return self.named(scene.actor(ident, self._name or self.options.mine))

    def _media(self, member: Member, tweet: Fields, ident: str, made: Made) -> Iterator[Attachment]:
        entities = tweet.object("extended_entities") or tweet.object("entities") or Fields({})
        for medium in entities.objects("media"):
            address = medium.text("media_url_https", "media_url")
            variants = (medium.object("video_info") or Fields({})).objects("variants")
            films = sorted(variants, key=lambda v: -(v.number("bitrate") or 0))
            addresses = [url for v in films if (url := v.text("url"))] + ([address] if address else [])
            names = [f"{ident}-{url.partition('?')[0].rpartition('/')[2]}" for url in addresses]
            found = next((name for name in names if self.beside.find(name)), names[0] if names else None)
            yield self.beside.attach(made.contents, found, member, url=addresses[0] if addresses else None)

    def _note(self, member: Member, f: Fields, raw: Raw, made: Made, _: str) -> None:  # noqa: ARG002
        """The full text of a post that was too long for the other file."""
        note = f.object("noteTweet") or f
        ident, time = note.id("noteTweetId"), time_of(note.text("createdAt"))
        core = note.object("core") or Fields({})
        text = core.text("text")
        if not ident or time is None or text is None:
            raise NotUnderstood("a long post without id, time or text")
        core.known("mentions", "urls", "hashtags", "cashtags", "styletags")
        made.unknown |= core.unknown()
        scene = self._wall("long posts", raw, made)
        extra = (
            ("full_text_of", "a post that is cut elsewhere"),
            *core.rest(),
            *made.told(note, "lifecycle", "updatedAt"),
        )
        author = self._own(scene)
        made.items.append(
            scene.item(
                raw, scene.key(f"note-{ident}"), form="post", author=author, time=time, text=text, extra=extra
            )
        )

    def _like(self, member: Member, f: Fields, raw: Raw, made: Made, _: str) -> None:  # noqa: ARG002
        like = f.object("like") or f
        ident = like.id("tweetId")
        if not ident:
            raise NotUnderstood("a like of nothing")
        scene = self._wall("likes", raw, made)
        text = like.text("fullText")
        author = self._own(scene)
        item = scene.item(
            raw,
            scene.key(f"like-{ident}"),
            event="reacted",
            form="post",
            author=author,
            targets=(
                Target(
                    relation="of",
                    key=scene.key(ident),
                    written_id=ident,
                    excerpt=html.unescape(text) if text else None,
                ),
            ),
            reactions=(Reaction(value="like"),),
            extra=made.told(like, "expandedUrl"),
        )
        made.items.append(item)

    def _conversations(self, member: Member) -> Iterator[Reading]:
        names: dict[int, str] = {}

        def scalar(path: Path, value: Any) -> None:
            if path[-1:] == ("conversationId",):
                names[int(path[0])] = str(value)

        def make(value: Value, f: Fields, raw: Raw, made: Made) -> None:
            self._count(member, value.path)
            at = int(value.path[0])
            ident = names.get(at) or f"{member.name}/{at}"
            scene = self._scenes.get(ident)
            if scene is None:
                group = "group" in member.name
                scene = self._scenes[ident] = self.scene(ident, visibility="group" if group else "direct")
                made.threads.append(
                    Thread(
                        key=scene.thread,
                        via=self.via,
                        kind="group" if group else "chat",
                        raw=raw,
                        visibility=scene.visibility,
                    )
                )
            message(self, member, scene, f, raw, made)

        yield from self.json_units(
            member,
            lambda path: len(path) == 4 and path[1:3] == ("dmConversation", "messages"),
            make,
            scalar=scalar,
        )
        self._empty(member, names)

    def _empty(self, member: Member, names: dict[int, str]) -> None:
        """Conversations without a message count too."""
        if names:
            self._counted[member.name] = max(self._counted.get(member.name, 0), max(names) + 1)


class XArchive(ExportReader):
    """Reads ``data/*.js`` of today, ``tweet.js`` of 2019, the monthly files before."""

    name: ClassVar[str] = "x"
    parser: ClassVar[str] = "x-archive/3"
    run: ClassVar[type[Run]] = _Reading
    owner: ClassVar[str | None] = "data/account.js"
    facts: ClassVar[Facts] = Facts(
        title="X (Twitter)",
        layouts=("data/*.js since 2019", "Grailbird, before 2019"),
        ask_for="Settings, Your account: download an archive of your data",
        edits="each version of a post is one of its own; earlier words of messages",
        deletions="posts deleted of late, with time",
        receipts="no",
        direct="yes",
        claim="last_state",
        tested="real files",
        left_out=(
            "AI chats, IP audits, advertising data, contacts, everything but posts, likes and messages",
        ),
    )

    def likeness(self, shape: Shape) -> tuple[int, str]:
        """By the variable that a script assigns to."""
        name = _variable(shape)
        return (97, "scripts that assign to window.YTD or Grailbird") if name else (0, "")
