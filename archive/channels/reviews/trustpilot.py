"""Trustpilot."""

import re
from collections.abc import Iterator
from typing import ClassVar

from archive.channels.called import also_called
from archive.channels.export import ExportReader, Made, Run, Taker
from archive.channels.reviews.shared import Reviews, picture, time_of
from archive.ports import Facts
from archive.reading.json_fields import Fields, NotUnderstood
from archive.reading.private import Private, column_ranges, find_ranges
from archive.reading.rows import Cells
from archive.reading.shape import Shape, shapes
from archive.reading.times import from_iso
from archive.reading.tree import Member, Tree
from archive.reading.units import Reading
from schemas.item import Actor, Attachment, Edited, Item, Rating, Raw, Target, Thread, TimeStamp

_ADDRESSES = re.compile(rb'"(?:referralEmail|consumerEmail|email)"\s*:\s*"([^"\\]+)"')
_TOLD = (
    *(
        "language",
        "experiencedAt",
        "isVerified",
        "source",
        "status",
        "referenceId",
        "numberOfLikes",
        "location",
    ),
    *("reportData", "tags", "invitation", "complianceLabels", "reviewVerificationLevel", "businessUserName"),
    *(
        "countsTowardsTrustScore",
        "countsTowardsLocationTrustScore",
        "findReviewer",
        "find_reviewer",
        "attachments",
    ),
    *("attributeRatings", "conversationId"),
)
_OF_CONSUMER = ("links", "numberOfReviews")
_COLUMNS = (
    *(
        "location name",
        "location id",
        "reference id",
        "review language",
        "source",
        "source of review",
        "tags",
    ),
    *("verified", "review verified", "domain url", "webshop name", "business unit id"),
)
_REPLY = (" content", " text", "")
_EMPTY = ("null", "false", "[]", "{}", "")


class _Trustpilot(Reviews):
    def taker(self, member: Member) -> Taker | str | None:
        return self._rows if _columns(shapes(self.tree).of(member)) else super().taker(member)

    def fits(self, shape: Shape) -> bool:
        return _fits(shape)

    def review(self, f: Fields, raw: Raw, made: Made) -> None:
        ident, stars = f.id("id"), f.number("stars")
        time = time_of(f, "createdAt")
        if not ident or time is None or stars is None:
            raise NotUnderstood("a review without id, time or stars")
        unit, who = f.object("businessUnit") or Fields({}), f.object("consumer") or Fields({})
        shop = unit.id("id") or f.id("businessUnitId") or self.options.thread or self.tree.name
        company, product = unit.text("displayName", "identifyingName"), f.object("product") or Fields({})
        scene, edited = self.place(shop, company, raw, made), time_of(f, "updatedAt")
        replies = {name: f.object(name) for name in ("companyReply", "firstCompanyComment")}
        f.known("links", "businessUnitId", "referralEmail", "consumerEmail")
        made.items.append(
            scene.item(
                raw,
                scene.key(ident),
                form="review",
                author=also_called(
                    scene.actor(who.id("id"), who.text("displayName")),
                    *(f.data.get(name) for name in ("consumerEmail", "referralEmail")),
                ),
                time=time,
                title=f.text("title") or product.text("name"),
                text=f.text("text", "content"),
                rating=Rating(value=str(stars), best="5"),
                edited=Edited(time=edited) if edited and edited.utc != time.utc else None,
                attachments=tuple(_pictures(f)),
                extra=(
                    *made.told(f, *_TOLD),
                    *((f"consumer {name}", value) for name, value in who.rest() if name not in _OF_CONSUMER),
                    *((f"product {name}", value) for name, value in product.rest()),
                ),
            )
        )
        owner = scene.actor(unit.id("id") or f.id("businessUnitId"), company)
        for reply in replies.values():
            if reply is None:
                continue
            answer = self.reply(scene, raw, ident, reply.text("text", "comment"), time_of(reply, "createdAt"))
            changed = time_of(reply, "updatedAt")
            told = {"author": owner, "edited": Edited(time=changed) if changed else None}
            reply.known("links")
            extra = tuple((name, value) for name, value in reply.rest() if value not in _EMPTY)
            made.items.append(answer.model_copy(update={**told, "extra": extra}))
        made.items += self._asked(f, shop, raw, made, owner)

    def _asked(self, f: Fields, shop: str, raw: Raw, made: Made, owner: Actor | None) -> Iterator[Item]:
        """What the company asked of a reviewer whom it could not find, and the answer: seen by the two alone."""
        review = made.items[0]
        scene = self.scene(f"{shop}/{review.key.id}", visibility="direct")
        found = f.object("findReviewer") or f.object("find_reviewer")
        requests = found.objects("requests") if found else []
        if requests:
            thread, title = scene.thread, review.title
            made.threads.append(
                Thread(key=thread, via=self.via, kind="chat", title=title, visibility="direct", raw=raw)
            )
        for at, one in enumerate(requests):
            answer = one.object("consumerResponse") or Fields({})
            sides = (
                ("request", owner, one.text("message"), time_of(one, "created", "createdAt")),
                (
                    "answer",
                    review.author,
                    one.text("consumerResponse") or answer.text("message"),
                    time_of(answer, "createdAt"),
                ),
            )
            for name, author, words, time in sides:
                if words:
                    yield scene.item(
                        raw,
                        scene.key(f"{review.key.id}/{name}/{one.id('id') or at}"),
                        author=author,
                        time=time,
                        text=words,
                        targets=(
                            Target(relation="reply", key=review.key, written_id=review.key.id, present="yes"),
                        ),
                    )

    def _rows(self, member: Member) -> Iterator[Reading]:
        """An export in columns, whose names are written large or small from year to year."""

        def make(cells: Cells, raw: Raw, made: Made) -> None:
            named = {name.casefold(): name for name in cells.data}

            def get(*names: str) -> str | None:
                return cells.get(*(named[name] for name in names if name in named))

            ident, written, stars = get("review id"), get("review created (utc)"), get("review stars")
            if not ident or not written or not stars:
                raise NotUnderstood("a review without id, time or stars")
            shop = get("business unit id") or get("domain url", "webshop name") or self.tree.name
            scene = self.place(shop, get("webshop name", "domain url"), raw, made)
            address = get("review user email", "referral email")
            answered = get("company reply date (utc)", "business reply date (utc)")
            answer = get(*(f"{who} reply{what}" for who in ("company", "business") for what in _REPLY))
            made.items.append(
                scene.item(
                    raw,
                    scene.key(ident),
                    form="review",
                    author=also_called(
                        scene.actor(
                            get("review consumer user id"), get("review username", "consumer username")
                        ),
                        address,
                    ),
                    time=from_iso(written, "UTC", "by_spec") or TimeStamp(written=written),
                    title=get("review title"),
                    text=get("review content"),
                    rating=Rating(value=stars, best="5"),
                    extra=made.told(cells, *(named[name] for name in _COLUMNS if name in named)),
                )
            )
            if answer or answered:
                time = (
                    from_iso(answered, "UTC", "by_spec") or TimeStamp(written=answered) if answered else None
                )
                made.items.append(self.reply(scene, raw, ident, answer, time))

        yield from self.csv_units(member, make)


def _pictures(f: Fields) -> Iterator[Attachment]:
    for one in f.objects("attachments"):
        for file in one.objects("processedFiles")[:1]:
            found = picture(file.text("url"), file.text("mimeType"))
            if found is not None:
                yield found


def _fits(shape: Shape) -> bool:
    about = any(f"/{name}" in path for path in shape.paths for name in ("businessUnit", "consumer"))
    return shape.kind == "json" and shape.ends("/stars", "/createdAt") and about


def _columns(shape: Shape) -> bool:
    names = {name.casefold() for name in shape.header}
    return shape.kind == "text" and {"review id", "review created (utc)", "review stars"} <= names


class TrustpilotReviews(ExportReader):
    """Reads service reviews of Trustpilot."""

    name: ClassVar[str] = "trustpilot"
    parser: ClassVar[str] = "trustpilot-reviews/4"
    run: ClassVar[type[Run]] = _Trustpilot
    facts: ClassVar[Facts] = Facts(
        title="Trustpilot reviews",
        layouts=("service and product reviews of the public and the private API", "reviews in columns (CSV)"),
        ask_for="the API: private service reviews of the business unit",
        edits="last state, with time",
        deletions="absent",
        receipts="no",
        direct="no",
        claim="last_state",
        tested="documentation",
        left_out=("e-mail addresses of customers",),
    )

    def likeness(self, shape: Shape) -> tuple[int, str]:
        """By stars, createdAt and who reviewed whom, or by the names of columns."""
        if _columns(shape):
            return 95, "columns of Trustpilot's reviews"
        return (95, "reviews with stars, consumer and business unit") if _fits(shape) else (0, "")

    def private(self, tree: Tree) -> Iterator[Private]:
        """The addresses to which an invitation went."""
        yield from super().private(tree)
        for member, shape in shapes(tree).every():
            if _columns(shape):
                ranges = column_ranges(member, lambda name: name.casefold().endswith("email"))
            else:
                ranges = find_ranges(member, _ADDRESSES) if _fits(shape) else ()
            if ranges:
                yield Private(member.path, "e-mail addresses of customers", ranges)
