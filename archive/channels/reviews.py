"""Reviews: Google Business Profile and Trustpilot, as their interfaces give them; the owner's reply beside each.

Authority: Google Business Profile API v4, resource Review (Takeout of the profile writes the same);
developers.trustpilot.com, service reviews. Removed reviews vanish: only an earlier capture shows them.
"""

import re
from abc import abstractmethod
from collections.abc import Iterator
from typing import Any, ClassVar

from archive.channels.export import ExportReader, Made, Run, Scene, Taker
from archive.ports import Facts
from archive.reading.json_fields import Fields, NotUnderstood
from archive.reading.json_walk import Path, Value
from archive.reading.private import Private, find_ranges
from archive.reading.shape import Shape, shapes
from archive.reading.times import from_iso
from archive.reading.tree import Member, Tree
from archive.reading.units import Completeness, Reading
from schemas.capture import Claim
from schemas.item import Actor, Edited, Item, Rating, Raw, Target, Thread, TimeStamp

_ADDRESSES = re.compile(rb'"(?:referralEmail|consumerEmail|email)"\s*:\s*"([^"\\]+)"')


class _Reviews(Run):
    """What both platforms share: one unit a review, an item for it and one for the reply."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._threads: dict[str, Scene] = {}
        self._expected: dict[str, int] = {}
        self._seen: dict[str, int] = {}

    def taker(self, member: Member) -> Taker | str | None:
        shape = shapes(self.tree).of(member)
        if self.fits(shape):
            return self._read
        return "not reviews" if shape.kind in ("json", "text") and not self.tree.single else None

    @abstractmethod
    def fits(self, shape: Shape) -> bool:
        """Whether a file holds reviews of this platform."""

    @abstractmethod
    def review(self, f: Fields, raw: Raw, made: Made) -> None:
        """Make the items of one review."""

    def _read(self, member: Member) -> Iterator[Reading]:
        paged = False

        def scalar(path: Path, value: Any) -> None:
            nonlocal paged
            paged = paged or path[-1:] == ("nextPageToken",)
            if path == ("totalReviewCount",) and isinstance(value, int):
                self._expected[member.path] = value

        def make(_: Value, f: Fields, raw: Raw, made: Made) -> None:
            self.review(f, raw, made)

        lone = not any(
            "/reviews/*" in path or path.startswith("/*/") for path in shapes(self.tree).of(member).paths
        )
        is_unit = (lambda path: not path) if lone else _is_review
        for reading in self.json_units(member, is_unit, make, scalar=scalar):
            self._seen[member.path] = self._seen.get(member.path, 0) + 1
            yield reading
        if paged:
            self._expected.pop(member.path, None)

    def completeness(self) -> Completeness:
        """The total that the profile states against what is here."""
        for path, expected in self._expected.items():
            found = self._seen.get(path, 0)
            self.claims.append(
                Claim(scope=path or self.tree.name, kind="exact", expected=expected, found=found)
            )
        return super().completeness()

    def place(self, ident: str, title: str | None, raw: Raw, made: Made) -> Scene:
        """The location or company that is reviewed, as a thread."""
        if ident not in self._threads:
            self._threads[ident] = self.scene(ident, visibility="public")
            made.threads.append(
                Thread(key=self._threads[ident].thread, via=self.via, kind="location", title=title, raw=raw)
            )
        return self._threads[ident]

    def reply(self, scene: Scene, raw: Raw, review: str, text: str | None, time: TimeStamp | None) -> Item:
        """The owner's reply: an item of its own, with its own times."""
        return scene.item(
            raw,
            scene.key(f"{review}/reply"),
            form="review",
            time=time,
            targets=(Target(relation="reply", key=scene.key(review), written_id=review, present="yes"),),
            text=text,
        )


def _is_review(path: Path) -> bool:
    if len(path) >= 2 and path[-2] == "reviews" and isinstance(path[-1], int):
        return True
    return len(path) == 1 and isinstance(path[0], int)


def _time(f: Fields, *names: str) -> TimeStamp | None:
    written = f.text(*names)
    return (from_iso(written, "UTC", "by_spec") or TimeStamp(written=written)) if written else None


class _Google(_Reviews):
    def fits(self, shape: Shape) -> bool:
        return shape.kind == "json" and shape.ends("/starRating") and shape.ends("/createTime")

    def review(self, f: Fields, raw: Raw, made: Made) -> None:
        name, ident = f.text("name"), f.id("reviewId")
        found = re.fullmatch(r"(.*)/reviews/([^/]+)", name or "")
        time, stars = _time(f, "createTime"), f.text("starRating")
        ident = ident or (found[2] if found else None)
        if not ident or time is None:
            raise NotUnderstood("a review without id or time")
        scene = self.place(found[1] if found else self.options.thread or self.tree.name, None, raw, made)
        who = f.object("reviewer") or Fields({})
        edited = _time(f, "updateTime")
        reply = f.object("reviewReply")
        author = None if who.flag("isAnonymous") else scene.person(who.text("displayName"))
        item = scene.item(
            raw,
            scene.key(ident),
            form="review",
            author=author or (Actor(written=who.text("displayName")) if who.text("displayName") else None),
            time=time,
            text=f.text("comment"),
            rating=Rating(value=stars, best="FIVE") if stars else None,
            edited=Edited(time=edited) if edited and edited.utc != time.utc else None,
            extra=made.told(f, "reviewId", "name"),
        )
        made.items.append(item)
        if reply is not None:
            when = _time(reply, "updateTime")
            made.items.append(self.reply(scene, raw, ident, reply.text("comment"), when))


class _Trustpilot(_Reviews):
    def fits(self, shape: Shape) -> bool:
        return (
            shape.kind == "json"
            and shape.ends("/stars", "/createdAt")
            and (any("/businessUnit" in path or "/consumer" in path for path in shape.paths))
        )

    def review(self, f: Fields, raw: Raw, made: Made) -> None:
        ident, stars = f.id("id"), f.number("stars")
        time = _time(f, "createdAt")
        if not ident or time is None or stars is None:
            raise NotUnderstood("a review without id, time or stars")
        unit, who, reply = (
            f.object("businessUnit") or Fields({}),
            f.object("consumer") or Fields({}),
            f.object("companyReply"),
        )
        company = unit.text("identifyingName", "displayName")
        scene = self.place(
            unit.id("id") or self.options.thread or self.tree.name,
            unit.text("displayName") or company,
            raw,
            made,
        )
        edited = _time(f, "updatedAt")
        f.known("links", "location", "reportData", "referralEmail", "consumerEmail")
        item = scene.item(
            raw,
            scene.key(ident),
            form="review",
            author=scene.actor(who.id("id"), who.text("displayName")),
            time=time,
            title=f.text("title"),
            text=f.text("text"),
            rating=Rating(value=str(stars), best="5"),
            edited=Edited(time=edited) if edited and edited.utc != time.utc else None,
            extra=made.told(
                f,
                "language",
                "experiencedAt",
                "isVerified",
                "source",
                "status",
                "referenceId",
                "numberOfLikes",
            ),
        )
        made.items.append(item)
        if reply is not None:
            owner = scene.actor(unit.id("id"), unit.text("displayName"))
            answer = self.reply(scene, raw, ident, reply.text("text"), _time(reply, "createdAt"))
            changed = _time(reply, "updatedAt")
            told = {"author": owner, "edited": Edited(time=changed) if changed else None}
            made.items.append(answer.model_copy(update=told))


class GoogleBusinessReviews(ExportReader):
    """Reads reviews of a Google Business Profile."""

    name: ClassVar[str] = "google-business"
    parser: ClassVar[str] = "google-business-reviews/1"
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


class TrustpilotReviews(ExportReader):
    """Reads service reviews of Trustpilot."""

    name: ClassVar[str] = "trustpilot"
    parser: ClassVar[str] = "trustpilot-reviews/1"
    run: ClassVar[type[Run]] = _Trustpilot
    facts: ClassVar[Facts] = Facts(
        title="Trustpilot reviews",
        layouts=("service reviews of the public and the private API",),
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
        """By stars, createdAt and who reviewed whom."""
        fits = shape.kind == "json" and shape.ends("/stars", "/createdAt")
        whom = any("/businessUnit" in path or "/consumer" in path for path in shape.paths)
        return (95, "reviews with stars, consumer and business unit") if fits and whom else (0, "")

    def private(self, tree: Tree) -> Iterator[Private]:
        """The addresses to which an invitation went."""
        yield from super().private(tree)
        for member, shape in shapes(tree).every():
            if self.likeness(shape)[0] and (ranges := find_ranges(member, _ADDRESSES)):
                yield Private(member.path, "e-mail addresses of customers", ranges)
