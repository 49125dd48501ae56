"""The channel: outbox and statuses."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any, ClassVar

from archive.channels.export import ExportReader, Made, Run, Scene, Taker, look
from archive.channels.mastodon.known import Known
from archive.channels.mastodon.layout import kind_of, unit_of
from archive.ports import Facts, ReadOptions
from archive.reading.html_text import html_to_text
from archive.reading.json_fields import Fields, NotUnderstood
from archive.reading.json_walk import Value
from archive.reading.shape import Shape, shapes
from archive.reading.times import from_iso
from archive.reading.tree import Member, Tree
from archive.reading.units import Reading
from schemas.item import (
    Account,
    Actor,
    Attachment,
    Body,
    Edited,
    Event,
    Form,
    Item,
    Key,
    Raw,
    Recipient,
    Target,
    Thread,
    TimeStamp,
)

_PUBLIC = ("https://www.w3.org/ns/activitystreams#Public", "as:Public", "Public")
_NOTES = ("Note", "Question", "Article", "Page", "Video")
_VISIBILITY = {"public": "public", "unlisted": "unlisted", "private": "followers", "direct": "direct"}


_TOLD = ("url", "language", "sensitive", "application", "in_reply_to_account_id", "quote", "card", "text")
_PASSING = (
    *("id", "tags", "emojis", "filtered", "favourited", "reblogged", "muted", "bookmarked", "pinned"),
    *("replies_count", "reblogs_count", "favourites_count", "quotes_count", "quote_approval", "pleroma"),
)
"""Fields of a status that change without its author, or belong to whoever asks."""


class _Reading(Run):
    def __init__(self, reader: ExportReader, tree: Tree, options: ReadOptions) -> None:
        super().__init__(reader, tree, options)
        self._scenes: dict[str, Scene] = {}
        for member in tree.files():
            if member.name != "actor.json":
                continue
            told = look(member, lambda _: False, enter=lambda path: not path)
            if isinstance(ident := told.get("/id"), str):
                names = (told.get("/name"), told.get("/preferredUsername"))
                self.called[ident] = tuple(name for name in names if isinstance(name, str))
                if not options.mine:
                    self.via = Key(channel=self.channel, scope="", id=ident)

    def taker(self, member: Member) -> Taker | str | None:
        shape = shapes(self.tree).of(member)
        kind = kind_of(shape)
        if kind == "actor":
            return self._actor
        if kind == "outbox":
            return self._outbox if "bookmarks" not in member.name else "bookmarks"
        if kind == "statuses":
            return self._statuses
        return (
            "settings and lists of the account"
            if shape.kind in ("json", "text") and not self.tree.single
            else None
        )

    def _wall(self, owner: str, raw: Raw, made: Made) -> Scene:
        if owner not in self._scenes:
            self._scenes[owner] = self.scene(f"{owner}/statuses", derived=True)
            made.threads.append(
                Thread(key=self._scenes[owner].thread, via=self.via, kind="wall", title=owner, raw=raw)
            )
        return self._scenes[owner]

    def _actor(self, member: Member) -> Iterator[Reading]:
        def make(_: Value, f: Fields, raw: Raw, made: Made) -> None:
            ident = f.text("id")
            if not ident:
                raise NotUnderstood("an account without an id")
            key = Key(channel=self.channel, scope="", id=ident)
            made.accounts.append(
                Account(
                    key=key,
                    via=self.via,
                    name=f.text("name"),
                    handle=f.text("preferredUsername"),
                    url=f.text("url"),
                    raw=raw,
                )
            )

        yield from self.json_units(member, lambda path: not path, make)

    def _outbox(self, member: Member) -> Iterator[Reading]:
        def make(_: Value, f: Fields, raw: Raw, made: Made) -> None:
            self._activity(member, f, raw, made)

        yield from self.json_units(member, lambda p: len(p) == 2 and p[0] == "orderedItems", make)

    def decode(self, data: bytes) -> Any:
        """Likes are bare addresses: as an object under ``like``."""
        value = super().decode(data)
        return (
            {"type": "Like", "object": value}
            if isinstance(value, str) and value.startswith("http")
            else value
        )

    def _activity(self, member: Member, f: Fields, raw: Raw, made: Made) -> None:
        kind, ident, actor = f.text("type"), f.text("id"), f.text("actor")
        written = f.text("published")
        scene = self._wall(actor or self.via.id, raw, made)
        inner = f.object("object")
        f.known("to", "cc", "signature", "@context")
        if inner is not None and inner.text("type") in _NOTES and kind != "Announce":
            self._note(member, scene, f, inner, raw, made)
            return
        shared = f.text("object") or (inner.text("id") if inner else None)
        if not kind or not shared:
            raise NotUnderstood("an activity about nothing")
        said = html_to_text(inner.text("content") or "") if inner else None
        event: Event = "reacted" if kind == "Like" else "deleted" if kind in ("Delete", "Undo") else "posted"
        made.items.append(
            scene.item(
                raw,
                scene.key(ident) if ident else scene.derived(kind, shared),
                event=event,
                form="post",
                author=self.named(scene.actor(actor)),
                time=_time(written),
                visibility=_visibility(f),
                targets=(
                    Target(
                        relation="share" if kind == "Announce" else "of",
                        key=scene.key(shared),
                        written_id=shared,
                        excerpt=said or None,
                    ),
                ),
                text=said or None,
                extra=(("activity", kind), *made.told(f)),
            )
        )

    def _note(self, member: Member, scene: Scene, f: Fields, note: Fields, raw: Raw, made: Made) -> None:
        ident, content, author = note.text("id"), note.text("content"), note.text("attributedTo")
        time = _time(note.text("published") or f.text("published"))
        if not ident:
            raise NotUnderstood("a post without an id")
        answered, updated = note.text("inReplyTo"), note.text("updated")
        options = [f"- {one.text('name') or ''}" for one in (*note.objects("oneOf"), *note.objects("anyOf"))]
        shown = [text for one in note.objects("attachment") if (text := one.text("name"))]
        note.known(
            "to",
            "cc",
            "contentMap",
            "replies",
            "atomUri",
            "inReplyToAtomUri",
            "conversation",
            "context",
            "sensitive",
            "likes",
            "shares",
        )
        form: Form = "poll" if options else "post"
        quoted = note.text("quote", "quoteUrl", "quoteUri")
        targets = [Target(relation="reply", key=scene.key(answered), written_id=answered)] if answered else []
        targets += [Target(relation="quote", key=scene.key(quoted), written_id=quoted)] if quoted else []
        made.items.append(
            scene.item(
                raw,
                scene.key(ident),
                event="edited" if f.data.get("type") == "Update" else "posted",
                form=form,
                author=self.named(scene.actor(author or f.text("actor"))),
                recipients=tuple(_mentioned(scene, note)),
                time=time,
                visibility=_visibility(note if "to" in note else f),
                targets=tuple(targets),
                title=note.text("summary"),
                text="\n".join([html_to_text(content or ""), *options, *shown]).strip("\n") or None,
                body=Body(type="text/html", content=content) if content else None,
                attachments=tuple(self._files(member, note, made)),
                edited=Edited(time=_time(updated)) if updated else None,
                extra=(
                    *made.told(note, "url", "endTime", "closed", "votersCount", "oneOf", "anyOf"),
                    *f.rest(),
                ),
            )
        )

    def _files(self, member: Member, note: Fields, made: Made) -> Iterator[Attachment]:
        for one in note.objects("attachment"):
            url = one.text("url")
            yield self.beside.attach(made.contents, url, member, media_type=one.text("mediaType"), url=url)

    @cached_property
    def _known(self) -> Known:
        return Known(self._look())

    def _look(self) -> Iterator[Fields]:
        """The statuses of the interface in this input, looked at ahead."""
        for member in self.tree.files():
            shape = shapes(self.tree).of(member)
            if kind_of(shape) == "statuses":
                found = look(member, unit_of(shape), enter=lambda _: True)
                told = (Fields(one) for one in found.values() if isinstance(one, dict))
                yield from (one.object("last_status") or one for one in told)

    def _statuses(self, member: Member) -> Iterator[Reading]:
        shape = shapes(self.tree).of(member)
        versions_of: str | None = None

        def make(value: Value, f: Fields, raw: Raw, made: Made) -> None:
            last = f.object("last_status")
            if last is not None:
                f = last
            number = value.path[-1] if value.path else 0
            nonlocal versions_of
            if not number and not f.text("uri"):
                versions_of = self._known.versions_of(member.path, f)
            self._status(member, f, raw, made, number=number, of=versions_of)

        yield from self.json_units(member, unit_of(shape), make)

    def _status(
        self, member: Member, f: Fields, raw: Raw, made: Made, *, number: Any, of: str | None
    ) -> None:
        account = f.object("account") or Fields({})
        owner = account.text("uri", "url", "acct") or self.via.id
        scene = self._wall(owner, raw, made)
        content, time, edited = f.text("content"), _time(f.text("created_at")), f.text("edited_at")
        ident = f.text("uri") or f.id("id")
        if content is None and "text" not in f:
            raise NotUnderstood("a status without content")
        boosted = f.object("reblog")
        who = scene.actor(owner, account.text("display_name", "username"))
        who = who and who.model_copy(update={"handle": account.text("acct")})
        poll = f.object("poll")
        words = [f"- {one.text('title') or ''}" for one in poll.objects("options")] if poll else []
        words += [text for one in f.objects("media_attachments") if (text := one.text("description"))]
        answered = f.id("in_reply_to_id")
        targets = []
        if answered:
            address = self._known.answered(answered)
            key = scene.key(address) if address else None
            targets.append(Target(relation="reply", key=key, written_id=answered))
        if boosted is not None and (uri := boosted.text("uri")):
            targets.append(Target(relation="share", key=scene.key(uri), written_id=uri))
        quoted = f.object("quote") or Fields({})
        if uri := (quoted.object("quoted_status") or quoted).text("uri"):
            targets.append(Target(relation="quote", key=scene.key(uri), written_id=uri))
        version = ident is None
        if version and of:
            targets.append(Target(relation="of", key=scene.key(of), written_id=of))
        f.known(*_PASSING)
        item: Item = scene.item(
            raw,
            scene.derived("version", time.written if time else str(number), content)
            if ident is None
            else scene.key(ident),
            event="edited" if version and number else "posted",
            form="poll" if poll else "post",
            author=who,
            recipients=tuple(
                Recipient(role="mentioned", actor=a)
                for m in f.objects("mentions")
                if (a := scene.actor(m.text("url", "acct"), m.text("acct")))
            ),
            time=time,
            visibility=_VISIBILITY.get(f.text("visibility") or ""),
            targets=tuple(targets),
            title=f.text("spoiler_text"),
            text="\n".join([html_to_text(content) if content else f.text("text") or "", *words]).strip("\n")
            or None,
            body=Body(type="text/html", content=content) if content else None,
            attachments=tuple(
                self.beside.attach(made.contents, m.text("url"), member, url=m.text("url"))
                for m in f.objects("media_attachments")
            ),
            edited=Edited(time=_time(edited)) if edited else None,
            history="full" if version else "last_state",
            extra=made.told(f, *_TOLD),
        )
        made.items.append(item)


def _time(written: str | None) -> TimeStamp | None:
    return (from_iso(written, "UTC", "by_spec") or TimeStamp(written=written)) if written else None


def _visibility(f: Fields) -> str | None:
    to = [one for one in (f.data.get("to"), f.data.get("cc")) if one is not None]
    lists = [one if isinstance(one, list) else [one] for one in to]
    if not lists:
        return None
    if any(one in _PUBLIC for one in lists[0]):
        return "public"
    if any(one in _PUBLIC for rest in lists[1:] for one in rest):
        return "unlisted"
    return "followers" if any(str(one).endswith("/followers") for rest in lists for one in rest) else "direct"


def _mentioned(scene: Scene, note: Fields) -> Iterator[Recipient]:
    for tag in note.objects("tag"):
        actor: Actor | None = (
            scene.actor(tag.text("href"), tag.text("name")) if tag.text("type") == "Mention" else None
        )
        if actor:
            yield Recipient(role="mentioned", actor=actor)


class MastodonArchive(ExportReader):
    """Reads ``outbox.json`` and statuses."""

    name: ClassVar[str] = "mastodon"
    parser: ClassVar[str] = "mastodon-archive/5"
    run: ClassVar[type[Run]] = _Reading
    owner: ClassVar[str | None] = "actor.json"
    facts: ClassVar[Facts] = Facts(
        title="Mastodon",
        layouts=("archive of an account: outbox.json", "statuses, contexts, edits of the interface"),
        ask_for="Preferences, Import and export: request your archive",
        edits="last state, with time; every version from the interface",
        deletions="absent",
        receipts="no",
        direct="yes, among the posts",
        claim="last_state",
        tested="real files",
        left_out=("bookmarks, lists and settings",),
    )

    def likeness(self, shape: Shape) -> tuple[int, str]:
        """By ordered items of ActivityPub, or statuses with a content warning."""
        kind = kind_of(shape)
        if kind == "outbox":
            public = any("activitystreams" in part for part in (shape.head.decode("utf-8", "replace"),))
            return (95 if public else 70), "an outbox of ActivityPub"
        return (90 if kind == "statuses" else 40, f"{kind} of Mastodon") if kind else (0, "")
