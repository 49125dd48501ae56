"""Google Business Profile."""

import re
from collections.abc import Iterator
from typing import ClassVar

from archive.channels.export import ExportReader, Made, Run
from archive.channels.reviews.shared import Reviews, picture, time_of
from archive.ports import Facts
from archive.reading.json_fields import Fields, NotUnderstood
from archive.reading.shape import Shape
from schemas.item import Actor, Attachment, Edited, Rating, Raw


class _Google(Reviews):
    def fits(self, shape: Shape) -> bool:
        return shape.kind == "json" and shape.ends("/starRating") and shape.ends("/createTime")

    def review(self, f: Fields, raw: Raw, made: Made) -> None:
        name, ident = f.text("name"), f.id("reviewId")
        found = re.fullmatch(r"(.*)/reviews/([^/]+)", name or "")
        time, stars = time_of(f, "createTime"), f.text("starRating")
        ident = ident or (found[2] if found else None)
        if not ident or time is None:
            raise NotUnderstood("a review without id or time")
        scene = self.place(found[1] if found else self.options.thread or self.tree.name, None, raw, made)
        who = f.object("reviewer") or Fields({})
        edited = time_of(f, "updateTime")
        reply = f.object("reviewReply")
        author = None if who.flag("isAnonymous") else scene.person(who.text("displayName"))
        item = scene.item(
            raw,
            scene.key(ident),
            form="review",
            author=author or (Actor(written=who.text("displayName")) if who.text("displayName") else None),
            time=time,
            text=f.text("comment"),
            rating=Rating(value=stars, best="FIVE") if stars and not stars.endswith("UNSPECIFIED") else None,
            edited=Edited(time=edited) if edited and edited.utc != time.utc else None,
            attachments=tuple(_pictures(f)),
            extra=(*made.told(f, "reviewId", "name", "reviewAttributes"), *_besides(who)),
        )
        made.items.append(item)
        if reply is not None:
            when = time_of(reply, "updateTime", "createTime")
            answer = self.reply(scene, raw, ident, reply.text("comment"), when)
            extra = made.told(reply, "reviewReplyState", "policyViolation")
            made.items.append(answer.model_copy(update={"extra": extra}))


def _pictures(f: Fields) -> Iterator[Attachment]:
    for one in f.objects("reviewMediaItems"):
        found = picture(one.text("googleUrl", "sourceUrl", "thumbnailUrl"))
        if found is not None:
            yield found


def _besides(who: Fields) -> list[tuple[str, str]]:
    """What is told of the reviewer besides the name; the address of a face changes by itself."""
    who.known("profilePhotoUrl")
    return [(f"reviewer {name}", value) for name, value in who.rest()]


class GoogleBusinessReviews(ExportReader):
    """Reads reviews of a Google Business Profile."""

    name: ClassVar[str] = "google-business"
    parser: ClassVar[str] = "google-business-reviews/2"
    run: ClassVar[type[Run]] = _Google
    facts: ClassVar[Facts] = Facts(
        title="Google Business Profile reviews",
        layouts=("reviews of the API v4, single or as a page", "Takeout of the profile"),
        ask_for="the API of the profile, or takeout.google.com: Google Business Profile",
        edits="last state, with time",
        deletions="absent",
        receipts="no",
        direct="no",
        claim="last_state",
        tested="documentation",
    )

    def likeness(self, shape: Shape) -> tuple[int, str]:
        """By starRating and createTime."""
        fits = shape.kind == "json" and shape.ends("/starRating") and shape.ends("/createTime")
        return (95, "reviews with starRating and createTime") if fits else (0, "")
