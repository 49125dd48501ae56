"""What platforms of reviews share: one unit a review, an item for it and one for the reply."""

from abc import abstractmethod
from collections.abc import Iterator
from typing import Any

from archive.channels.export import Made, Run, Scene, Taker
from archive.reading.json_fields import Fields
from archive.reading.json_walk import Path, Value
from archive.reading.shape import Shape, shapes
from archive.reading.times import from_iso
from archive.reading.tree import Member
from archive.reading.units import Completeness, Reading
from schemas.capture import Claim
from schemas.item import Attachment, Item, Raw, Target, Thread, TimeStamp


class Reviews(Run):
    """A run over files of reviews."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._threads: dict[str, Scene] = {}
        self._expected: dict[str, int] = {}
        self._seen: dict[str, int] = {}

    def taker(self, member: Member) -> Taker | str | None:
        """Reviews are read, and nothing else."""
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
            "/reviews/*" in path or "/productReviews/*" in path or path.startswith("/*/")
            for path in shapes(self.tree).of(member).paths
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
    if len(path) >= 2 and path[-2] in ("reviews", "productReviews") and isinstance(path[-1], int):
        return True
    return len(path) == 1 and isinstance(path[0], int)


def picture(url: str | None, media_type: str | None = None) -> Attachment | None:
    """A picture of a review, which lies elsewhere."""
    if not url:
        return None
    name = url.partition("?")[0].rpartition("/")[2] or None
    return Attachment(
        name=name, media_type=media_type, state="missing", reason="not in export", role="image", url=url
    )


def time_of(f: Fields, *names: str) -> TimeStamp | None:
    """The first of these times: in UTC."""
    written = f.text(*names)
    return (from_iso(written, "UTC", "by_spec") or TimeStamp(written=written)) if written else None
