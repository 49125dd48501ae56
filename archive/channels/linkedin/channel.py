"""The channel: rows as messages, posts, comments, reactions, votes and recommendations."""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, ClassVar

from archive.channels.export import ExportReader, LeaveOut, Made, Run, Scene, Taker
from archive.channels.linkedin.before import Before
from archive.channels.linkedin.cells import escape_of, recipients, time_of, unquoted, words_of
from archive.errors import UnreadableInput
from archive.ports import Facts, ReadOptions
from archive.reading.html_text import html_to_text
from archive.reading.json_fields import NotUnderstood
from archive.reading.private import Private, Range
from archive.reading.rows import Cells, read_rows
from archive.reading.shape import Shape, shapes
from archive.reading.tree import Member, Tree
from archive.reading.units import Former, Reading
from schemas.item import (
    Attachment,
    Body,
    Event,
    Raw,
    Reaction,
    Recipient,
    Target,
    Thread,
)

_ASSISTANT = re.compile(r"guide_|learning_|coach", re.IGNORECASE)
_CREATED = re.compile(r"Created on (\d{4}-\d{2}-\d{2} \d{2}:\d{2})")
_PUBLISHED = re.compile(r"Published on (\d{4}-\d{2}-\d{2} \d{2}:\d{2})")
_PAGE_CAP = 32 << 20
_GONE = ("LinkedIn Member", "LinkedIn-Mitglied")
_MESSAGES = {"CONVERSATION ID", "FROM", "DATE", "CONTENT"}
_SETS: tuple[tuple[frozenset[str], str, int], ...] = (
    (frozenset(_MESSAGES), "messages", 97),
    (frozenset({"Date", "ShareLink", "ShareCommentary"}), "shares", 95),
    (frozenset({"Date", "Link", "Message"}), "comments", 75),
    (frozenset({"Date", "Type", "Link"}), "reactions", 70),
    (frozenset({"Date", "Link", "OptionText"}), "votes", 60),
    (frozenset({"Date", "Link"}), "reposts", 40),
    (frozenset({"Media Link"}), "media", 60),
    (frozenset({"From", "To", "Sent At", "Message", "Direction"}), "invitations", 90),
    (frozenset({"First Name", "Last Name", "Company", "Text", "Creation Date"}), "recommendations", 85),
)
"""Columns → what the rows are, and how surely that is LinkedIn. The first that fits."""


def _rows_of(shape: Shape) -> tuple[str, int] | None:
    if shape.kind != "text":
        return None
    columns = set(shape.header)
    return next(((name, percent) for wanted, name, percent in _SETS if wanted <= columns), None)


class _Reading(Run):
    _given = _received = False
    """Which recommendations are read: their columns are the same."""

    def __init__(self, reader: ExportReader, tree: Tree, options: ReadOptions) -> None:
        super().__init__(reader, tree, options)
        self._before = Before(self.scene(""))

    def taker(self, member: Member) -> Taker | str | None:
        if not (self.tree.single or member.name.lower().endswith((".csv", ".html"))):
            return None
        if member.name.lower().endswith(".html"):
            return self._article if "articles/" in member.path.lower() else None
        rows = _rows_of(shapes(self.tree).of(member))
        if rows is None:
            return "not message, post, comment, reaction or recommendation"
        if _ASSISTANT.match(member.name):
            return "conversations with an assistant"
        return self._rows(rows[0])

    def _rows(self, name: str) -> Taker:
        makers: dict[str, Callable[[Scene, Cells, Raw, Made], None]] = {
            "messages": self._message,
            "invitations": self._invitation,
            "recommendations": self._recommendation,
        }
        one = makers.get(name, self._activity)
        threads, described = dict[str, Scene](), set[str]()

        def take(member: Member) -> Iterator[Reading]:
            def make(cells: Cells, raw: Raw, made: Made) -> None:
                if name == "recommendations":
                    self._given = "given" in member.name.lower()
                    self._received = "received" in member.name.lower()
                conversation, title = cells.get("CONVERSATION ID"), cells.get("CONVERSATION TITLE")
                ident = conversation or f"{self.via.id}/{name}"
                if name == "invitations":  # each is between two, and no other goes with it
                    ident += (
                        f"/{cells.get('inviterProfileUrl', 'From')}/{cells.get('inviteeProfileUrl', 'To')}"
                    )
                if ident not in threads:
                    threads[ident] = self.scene(ident, derived=conversation is None, scope="")
                    threads[ident].scope = ident
                    threads[ident].visibility = None if conversation is None else "direct"
                one(threads[ident], cells, raw, made)
                if ident not in described:
                    described.add(ident)
                    kind: Any = "chat" if conversation or name == "invitations" else "wall"
                    key = threads[ident].thread
                    heading = title or (None if conversation else name)
                    made.threads.append(Thread(key=key, via=self.via, kind=kind, title=heading, raw=raw))

            escape = escape_of(member)
            self._before.begin(member, name, split_otherwise=bool(escape))
            yield from self.csv_units(member, make, escape=escape)

        return take

    def _message(self, scene: Scene, cells: Cells, raw: Raw, made: Made) -> None:
        if (cells.get("IS MESSAGE DRAFT") or "").casefold() in ("yes", "true"):
            raise LeaveOut("draft", private=True)
        time = time_of(cells.get("DATE"), self.options.timezone)
        sender, url, content = cells.get("FROM"), cells.get("SENDER PROFILE URL"), cells.get("CONTENT") or ""
        if time is None:
            raise NotUnderstood("a message without a time")
        text, body = words_of(content)
        to, told = recipients(scene, cells)
        files = (cells.get("ATTACHMENTS") or "").split()
        item = scene.item(
            raw,
            scene.derived(time.written, url or sender, content),
            author=scene.actor(url, sender, "deleted" if sender in _GONE and not url else "unknown"),
            recipients=to,
            time=time,
            title=cells.get("SUBJECT"),
            text=text or None,
            body=body,
            attachments=tuple(Attachment(state="missing", reason="not in export", url=one) for one in files),
            extra=(*told, *made.told(cells, "FOLDER", "IS CONVERSATION ARCHIVED", "CONVERSATION TITLE")),
        )
        made.items.append(item)
        if not cells.get("CONVERSATION TITLE"):
            made.former[item.key] = Former(item.key, title="messages")

    def _activity(self, scene: Scene, cells: Cells, raw: Raw, made: Made) -> None:
        """A post, comment, reaction, repost, vote or medium of the member."""
        time = time_of(cells.get("Date", "Time", "Date/Time"), self.options.timezone)
        kind, link, chosen = (
            cells.get("Type"),
            cells.get("ShareLink", "Link", "Media Link"),
            cells.get("OptionText"),
        )
        written = cells.get("ShareCommentary", "Message", "Media Description") or ""
        said, body = written, None
        comment, post = "Message" in cells.data, "ShareLink" in cells.data
        if time is None and not said:
            raise NotUnderstood("a row without a time")
        if post:
            said, body = unquoted(said)
        repost = not (kind or chosen or comment or post or "Media Link" in cells.data)
        shared = cells.get("SharedUrl") or (link if repost else None)
        event: Event = "reacted" if kind else "voted" if chosen else "posted"
        about = comment or kind or chosen
        targets = [Target(relation="of", written_id=link, present="no")] if link and about else []
        targets += [Target(relation="share", written_id=shared, present="no")] if shared else []
        media = cells.get("MediaUrl") or (link if "Media Link" in cells.data else None)
        item = scene.item(
            raw,
            scene.derived(time.written if time else None, link, written, kind or chosen),
            event=event,
            form="comment" if comment else "poll" if chosen else "post",
            author=scene.person(self.options.mine),
            time=time,
            targets=tuple(targets),
            text="\n".join(part for part in (said, chosen, None if repost else shared) if part) or None,
            body=body,
            attachments=(Attachment(state="missing", reason="not in export", url=media),) if media else (),
            reactions=(Reaction(value=kind),) if kind else (),
            extra=(*([("link", link)] if link else []), *made.told(cells, "Visibility")),
        )
        made.items.append(item)
        told = time.written if time else None, link, written
        if (before := self._before.activity(raw, *told, kind, vote=chosen is not None)) is not None and (
            before.key != item.key
        ):
            made.former[item.key] = before

    def _invitation(self, scene: Scene, cells: Cells, raw: Raw, made: Made) -> None:
        """An invitation to connect with the words that were sent along."""
        time = time_of(cells.get("Sent At"), self.options.timezone)
        sender, other = cells.get("From"), scene.actor(cells.get("inviteeProfileUrl"), cells.get("To"))
        said = cells.get("Message")
        told = time.written if time else None, sender, cells.get("To"), said
        key = scene.derived(*told)
        made.former[key] = self._before.invitation(*told)
        item = scene.item(
            raw,
            key,
            author=scene.actor(cells.get("inviterProfileUrl"), sender),
            recipients=(Recipient(role="to", actor=other),) if other else (),
            time=time,
            text=said,
            visibility="direct",
            extra=made.told(cells, "Direction"),
        )
        made.items.append(item)

    def _recommendation(self, scene: Scene, cells: Cells, raw: Raw, made: Made) -> None:
        """A recommendation: what somebody wrote of somebody."""
        time = time_of(cells.get("Creation Date"), self.options.timezone)
        name = " ".join(part for part in (cells.get("First Name"), cells.get("Last Name")) if part)
        said, me, other = cells.get("Text"), scene.person(self.options.mine), scene.person(name)
        author, receiver = (other, me) if self._received else (me, other) if self._given else (None, None)
        item = scene.item(
            raw,
            scene.derived(time.written if time else None, name, said),
            form="review",
            author=author,
            recipients=(Recipient(role="to", actor=receiver),) if receiver else (),
            time=time,
            text=said,
            extra=(("person", name), *made.told(cells, "Company", "Job Title", "Status")),
        )
        made.items.append(item)

    def _article(self, member: Member) -> Iterator[Reading]:
        with member.open() as stream:
            data = stream.read(_PAGE_CAP)
        scene = self.scene(f"{self.via.id}/articles", derived=True)
        made = Made()
        raw = Raw(member=member.path, start=0, end=len(data), slice=data)

        def make() -> None:
            source = data.decode("utf-8", "replace")
            if _draft(source):
                raise LeaveOut("draft", private=True)
            title = re.search(r"<title>([^<]*)</title>", source, re.IGNORECASE)
            published = _PUBLISHED.search(source)
            item = scene.item(
                raw,
                scene.derived(member.name),
                form="article",
                author=scene.person(self.options.mine),
                time=time_of(published[1], self.options.timezone) if published else None,
                title=html_to_text(title[1]) if title else None,
                text=html_to_text(source),
                body=Body(type="text/html", content=source),
            )
            made.items.append(item)

        yield self._made(member, made, 0, len(data), make)


def _draft(source: str) -> bool:
    """Whether an article was written and never published: its page says when either happened."""
    return bool(_CREATED.search(source)) and not _PUBLISHED.search(source)


class LinkedInExport(ExportReader):
    """Reads ``messages.csv``, ``Shares.csv``, ``Comments.csv``, ``Reactions.csv`` and what belongs to them."""

    name: ClassVar[str] = "linkedin"
    parser: ClassVar[str] = "linkedin-export/3"
    run: ClassVar[type[Run]] = _Reading
    facts: ClassVar[Facts] = Facts(
        title="LinkedIn",
        layouts=("Basic and Complete archive: CSV files", "articles as pages"),
        ask_for="Settings, Data privacy: get a copy of your data, the larger archive",
        edits="no",
        deletions="absent",
        receipts="no",
        direct="yes",
        claim="last_state",
        tested="real files",
        left_out=(
            "contact book, conversations with an assistant, drafts, everything that is no communication",
        ),
    )

    def likeness(self, shape: Shape) -> tuple[int, str]:
        """By the columns."""
        rows = _rows_of(shape)
        return (rows[1], f"columns of LinkedIn's {rows[0]}") if rows else (0, "")

    def private(self, tree: Tree) -> Iterator[Private]:
        """Other files, and drafts."""
        yield from super().private(tree)
        for member, shape in shapes(tree).every():
            if shape.kind == "html" and "articles/" in member.path.lower():
                with suppress(UnreadableInput), member.open() as stream:
                    if _draft(stream.read(_PAGE_CAP).decode("utf-8", "replace")):
                        yield Private(member.path, "drafts")
            if "IS MESSAGE DRAFT" in shape.header and (
                ranges := tuple(_drafts(member, shape.header.index("IS MESSAGE DRAFT")))
            ):
                yield Private(member.path, "drafts", ranges)


def _drafts(member: Member, column: int) -> Iterator[Range]:
    """Where the drafts lie, as far as the file can be read."""
    with suppress(UnreadableInput), member.open() as stream:
        for row in read_rows(stream):
            if row.cells and len(row.cells) > column and row.cells[column].casefold() in ("yes", "true"):
                yield row.start, row.start + len(row.data.rstrip(b"\r\n\0"))
