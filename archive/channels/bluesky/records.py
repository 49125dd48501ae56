"""Items from records ``app.bsky.*``, whether they come from a repository or from the interface."""

import base64
from typing import Any

from archive.channels.export import LeaveOut, Made, Run, Scene, plain_json
from archive.reading.json_fields import Fields, NotUnderstood
from archive.reading.times import from_count, from_iso
from archive.reading.tree import Member
from schemas.item import (
    Account,
    Actor,
    Attachment,
    Body,
    Event,
    Key,
    Raw,
    Reaction,
    Recipient,
    Target,
    TimeStamp,
)

_SORTABLE = "234567abcdefghijklmnopqrstuvwxyz"
_POST, _LIKE, _REPOST, _PROFILE = (
    "app.bsky.feed.post",
    "app.bsky.feed.like",
    "app.bsky.feed.repost",
    "app.bsky.actor.profile",
)


def key_time(key: str) -> str | None:
    """The instant that a record key (TID) was made at, by the clock of the client; None if it is no TID."""
    if len(key) != 13 or any(letter not in _SORTABLE for letter in key):
        return None
    number = 0
    for letter in key:
        number = number * 32 + _SORTABLE.index(letter)
    time = from_count(number >> 10, 1_000_000)
    return time.utc if time else None


def record(
    run: Run,
    scene: Scene,
    member: Member,
    f: Fields,
    raw: Raw,
    made: Made,
    *,
    uri: str | None,
    author: Actor | None,
    extra: Any = (),
) -> None:
    """The item of a record, or the account that it describes. Raises LeaveOut for what says nothing."""
    author = run.named(author)
    kind, written = f.text("$type"), f.text("createdAt")
    time = (from_iso(written, "UTC", "by_spec") or TimeStamp(written=written)) if written else None
    subject = f.data.get("subject")
    about = subject.get("uri") if isinstance(subject, dict) else subject
    key = scene.key(uri) if uri else scene.derived(kind, written, f.text("text"), str(about))
    told = [*extra]
    if uri and (made_at := key_time(uri.rpartition("/")[2])):
        told.append(("key_time", made_at))
    if kind == _PROFILE:
        owner = (
            author.account
            if author and author.account
            else Key(channel=run.channel, scope="", id=uri or "unknown", derived=not uri)
        )
        made.accounts.append(Account(key=owner, via=run.via, name=f.text("displayName"), raw=raw))
        run.called[owner.id] = tuple(name for name in (f.text("displayName"),) if name)
        return
    if kind in (_LIKE, _REPOST):
        f.known("subject", "$type")
        target = Target(
            relation="of" if kind == _LIKE else "share",
            written_id=about,
            key=scene.key(str(about)) if about else None,
        )
        event: Event = "reacted" if kind == _LIKE else "posted"
        reactions = (Reaction(value="like"),) if kind == _LIKE else ()
        made.items.append(
            scene.item(
                raw,
                key,
                event=event,
                form="post",
                author=author,
                time=time,
                targets=(target,),
                reactions=reactions,
                extra=(*told, *made.told(f)),
            )
        )
        return
    if kind != _POST:
        if kind is None:
            raise NotUnderstood("a record without a type")
        raise LeaveOut("follows, lists, settings: no words")
    _post(run, scene, member, f, raw, made, key, author, time, told)


def _post(
    run: Run,
    scene: Scene,
    member: Member,
    f: Fields,
    raw: Raw,
    made: Made,
    key: Key,
    author: Actor | None,
    time: TimeStamp | None,
    told: list[tuple[str, str]],
) -> None:
    text, facets, embed = f.text("text") or "", f.array("facets"), f.object("embed")
    words: list[str] = [text]
    targets: list[Target] = []
    files: list[tuple[Attachment, str | None]] = []
    reply = f.object("reply")
    for relation in ("parent", "root") if reply else ():
        other = ((reply.object(relation) if reply else None) or Fields({})).text("uri")
        if other and not (relation == "root" and targets and targets[0].written_id == other):
            targets.append(
                Target(
                    relation="reply" if relation == "parent" else "root",
                    key=scene.key(other),
                    written_id=other,
                )
            )
    people = []
    for feature in (
        feature for facet in facets if isinstance(facet, dict) for feature in facet.get("features") or ()
    ):
        link, did = (feature.get("uri"), feature.get("did")) if isinstance(feature, dict) else (None, None)
        if isinstance(link, str) and link not in text:
            words.append(link)
        if isinstance(did, str) and (actor := scene.actor(did)):
            people.append(Recipient(role="mentioned", actor=actor))
    for one in _embeds(embed):
        outside, quoted = one.object("external"), one.object("record")
        if outside is not None:
            words += [
                part
                for part in (outside.text("title"), outside.text("description"), outside.text("uri"))
                if part
            ]
        quoted = (quoted.object("record") or quoted) if quoted else None
        if quoted is not None and (other := quoted.text("uri")):
            targets.append(Target(relation="quote", key=scene.key(other), written_id=other))
        files += [_file(run, member, image, "image", made) for image in one.objects("images")]
        if "video" in one:
            files.append(
                _file(run, member, Fields({"image": one.get("video"), "alt": one.get("alt")}), "video", made)
            )
    words += [alt for file in files if (alt := file[1])]
    f.known("$type", "labels")
    made.items.append(
        scene.item(
            raw,
            key,
            form="post",
            author=author,
            recipients=tuple(people),
            time=time,
            targets=tuple(targets),
            text="\n".join(word for word in words if word) or None,
            body=Body(
                type="application/x-bluesky-richtext+json",
                content=plain_json({"text": text, "facets": facets}),
            )
            if facets
            else None,
            attachments=tuple(file[0] for file in files),
            extra=(*told, *made.told(f, "langs", "tags")),
        )
    )


def _embeds(embed: Fields | None) -> list[Fields]:
    """The embed and, where it is a quote with media, both parts of it."""
    if embed is None:
        return []
    media = embed.object("media")
    return [embed] + ([media] if media else [])


def _file(run: Run, member: Member, image: Fields, role: Any, made: Made) -> tuple[Attachment, str | None]:
    """A picture by its CID: its bytes are kept elsewhere on the network, unless somebody fetched them."""
    blob = image.object("image") or Fields({})
    ref = blob.data.get("ref")
    cid = ref.get("$link") if isinstance(ref, dict) else str(ref) if ref else None
    shown = run.beside.attach(
        made.contents,
        cid,
        member,
        name=cid,
        media_type=blob.text("mimeType"),
        role=role,
        length=blob.number("size"),
    )
    return shown, image.text("alt")


def jsonable(value: Any) -> Any:
    """A decoded record as JSON shows it: links and bytes as the data model writes them."""
    if isinstance(value, bytes):
        return {"$bytes": base64.b64encode(value).decode()}
    if isinstance(value, list):
        return [jsonable(child) for child in value]
    if isinstance(value, dict):
        return {name: jsonable(child) for name, child in value.items()}
    return value
