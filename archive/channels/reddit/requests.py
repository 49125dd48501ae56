"""The rows of a data request: one's own words, messages and chats, votes, and what Reddit wrote to the account."""

from typing import Protocol

from archive.channels.export import LeaveOut, Made, Scene
from archive.channels.reddit.things import is_gone, linked, plain, removed
from archive.reading.json_fields import NotUnderstood
from archive.reading.rows import Cells
from archive.reading.times import from_iso
from archive.reading.units import Former
from schemas.item import Body, Edited, Form, Raw, Reaction, Recipient, Target, TimeStamp

_PREFIX = {"comment": "t1_", "post": "t3_", "message": "t4_"}


class Place(Protocol):
    """Gives the thread of a name, described where it is met first."""

    def __call__(
        self, name: str, raw: Raw, made: Made, *, direct: bool = False, title: str | None = None
    ) -> Scene:
        """Give it."""


class DataRequest:
    """Makes items of rows."""

    def __init__(self, place: Place, mine: str | None) -> None:
        self._place, self._mine = place, mine

    def own(self, kind: str, cells: Cells, raw: Raw, made: Made) -> None:
        """A comment, post or message."""
        ident, written, body = cells.get("id"), cells.get("date"), cells.get("body")
        if not ident or not written:
            raise NotUnderstood("a row without id or date")
        ident = ident if ident.startswith(("t1_", "t3_", "t4_")) else _PREFIX[kind] + ident
        place, title = cells.get("subreddit") or "unknown", None
        if kind == "message":
            place, title = talk_of(ident, cells.get("thread_id")), plain(cells.get("subject"))
        scene = self._place(place, raw, made, direct=kind == "message", title=title)
        parent, link, to = cells.get("parent"), cells.get("link"), cells.get("to")
        targets = []
        if kind == "comment":
            found = (
                (link or "").rstrip("/").split("/comments/")[-1].split("/")[0]
                if link and "/comments/" in link
                else None
            )
            if parent:
                other = parent if parent.startswith("t1_") else f"t1_{parent}"
                targets.append(Target(relation="reply", key=scene.key(other), written_id=parent))
            if found:
                targets.append(
                    Target(
                        relation="root" if parent else "reply", key=scene.key(f"t3_{found}"), written_id=found
                    )
                )
        receiver, first = scene.person(to), cells.get("thread_id")
        if kind == "message" and first:
            first = first if first.startswith("t4_") else f"t4_{first}"
            targets.append(Target(relation="root", key=scene.key(first), written_id=first))
        deleted, page = removed(body, None), cells.get("permalink")
        files, shared = linked(cells.get("url"), page)
        files += linked(cells.get("media"), page)[0]
        if shared:
            targets.append(Target(relation="share", written_id=shared, present="no"))
        text = "\n".join(part for part in (None if is_gone(body) else plain(body), shared) if part)
        if kind == "message":
            made.former[scene.key(ident)] = Former(
                scene.key(ident), thread=cells.get("subreddit") or "messages"
            )
        form: Form = "message" if kind == "message" else "comment" if kind == "comment" else "post"
        made.items.append(
            scene.item(
                raw,
                scene.key(ident),
                event="deleted" if deleted else "posted",
                form=form,
                author=scene.person(cells.get("from") or self._mine),
                recipients=(Recipient(role="to", actor=receiver),) if receiver else (),
                time=from_iso(written, "UTC", "by_spec") or TimeStamp(written=written),
                targets=tuple(targets),
                title=plain(cells.get("title", "subject")),
                text=text or None,
                body=Body(type="text/markdown", content=body) if body and not is_gone(body) else None,
                attachments=files,
                deleted=deleted,
                extra=made.told(cells, "permalink", "url", "media", "gildings", "thread_id"),
            )
        )

    def chat(self, cells: Cells, raw: Raw, made: Made) -> None:
        """A message of a chat."""
        ident, written, changed = cells.get("message_id"), cells.get("created_at"), cells.get("updated_at")
        if not ident or not written:
            raise NotUnderstood("a row without id or date")
        room = cells.get("channel_url", "conversation_type") or "chat"
        scene = self._place(room, raw, made, direct=True, title=cells.get("channel_name"))
        edited = from_iso(changed, "UTC", "by_spec") if changed and changed != written else None
        parent = cells.get("thread_parent_message_id")
        made.items.append(
            scene.item(
                raw,
                scene.key(ident),
                author=scene.person(cells.get("username")),
                time=from_iso(written, "UTC", "by_spec") or TimeStamp(written=written),
                text=cells.get("message"),
                edited=Edited(time=edited) if edited else None,
                targets=(Target(relation="reply", key=scene.key(parent), written_id=parent),)
                if parent
                else (),
                extra=made.told(cells, "subreddit", "channel_name", "conversation_type"),
            )
        )

    def vote(self, cells: Cells, raw: Raw, made: Made) -> None:
        """A vote on a post or comment."""
        ident, way = cells.get("id"), cells.get("direction")
        if not ident or not way:
            raise NotUnderstood("a vote for nothing")
        if way in ("none", "removed"):
            raise LeaveOut("a vote that was taken back")
        scene, about = self._place("votes", raw, made), _named(ident, cells.get("permalink"))
        if about != ident:  # a vote for a post and one for a comment were told apart by nothing
            made.former[scene.key(f"vote/{about}")] = Former(scene.key(f"vote/{ident}"))
        made.items.append(
            scene.item(
                raw,
                scene.key(f"vote/{about}"),
                event="voted",
                form="comment" if about.startswith("t1_") else "post",
                author=scene.person(self._mine),
                targets=(Target(relation="of", key=scene.key(about), written_id=ident, present="no"),),
                extra=(("direction", way), *made.told(cells, "permalink")),
            )
        )

    def choice(self, cells: Cells, raw: Raw, made: Made) -> None:
        """What the account chose in a poll."""
        ident, chosen = cells.get("post_id"), cells.get("text")
        if not ident:
            raise NotUnderstood("a choice in no poll")
        about = ident if ident.startswith("t3_") else f"t3_{ident}"
        scene = self._place("votes", raw, made)
        made.items.append(
            scene.item(
                raw,
                scene.derived("choice", about, cells.get("user_selection"), chosen),
                event="voted",
                form="poll",
                author=scene.person(self._mine),
                targets=(Target(relation="of", key=scene.key(about), written_id=ident, present="no"),),
                text=chosen,
                extra=made.told(cells, "user_selection", "image_url", "is_prediction", "stake_amount"),
            )
        )

    def award(self, cells: Cells, raw: Raw, made: Made) -> None:
        """An award that the account gave, or that somebody gave it."""
        page, written = cells.get("content_link"), cells.get("date")
        if not page:
            raise NotUnderstood("an award for nothing")
        given, value = "award" in cells.data, cells.get("award", "gold_received") or "award"
        scene, about = self._place("votes", raw, made), _named("", page)
        made.items.append(
            scene.item(
                raw,
                scene.derived("award", page, written, value, cells.get("gilder_username")),
                event="reacted",
                form="comment" if about.startswith("t1_") else "post",
                author=scene.person(self._mine if given else cells.get("gilder_username")),
                time=(from_iso(written, "UTC", "by_spec") or TimeStamp(written=written)) if written else None,
                targets=(Target(relation="of", key=scene.key(about), written_id=page),),
                reactions=(Reaction(value=value),),
                extra=made.told(cells, "amount"),
            )
        )

    def announcement(self, cells: Cells, raw: Raw, made: Made) -> None:
        """What Reddit wrote to the account."""
        ident, sent, body = cells.get("announcement_id"), cells.get("sent_at"), cells.get("body")
        if not ident:
            raise NotUnderstood("an announcement without an id")
        scene = self._place("announcements", raw, made, direct=True)
        made.items.append(
            scene.item(
                raw,
                scene.key(f"announcement/{ident}"),
                author=scene.actor(cells.get("from_id"), cells.get("from_username")),
                time=(from_iso(sent, "UTC", "by_spec") or TimeStamp(written=sent)) if sent else None,
                title=cells.get("subject"),
                text=body,
                extra=made.told(cells, "url", "read_at"),
            )
        )


def talk_of(ident: str, first: str | None) -> str:
    """The conversation of a private message: with its thread nobody else's is handed out."""
    return "messages/" + (first or ident).removeprefix("t4_")


def _named(ident: str, page: str | None) -> str:
    """The full name of a thing: a comment's page has one part more than that of its post."""
    if ident.startswith(("t1_", "t3_")):
        return ident
    parts = (page or "").partition("/comments/")[2].strip("/").split("/")
    if not ident and not parts[0]:
        return page or "unknown"
    return f"t1_{ident or parts[2]}" if len(parts) > 2 else f"t3_{ident or parts[0]}"
