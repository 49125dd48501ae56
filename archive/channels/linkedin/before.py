"""What the first version of this reader called a row.

It took all invitations for one conversation, votes for reposts, and a quote behind a backslash for the end of a cell.
"""

from bisect import bisect_right

from archive.channels.export import Scene
from archive.channels.linkedin.cells import time_of
from archive.reading.rows import Cells, read_rows
from archive.reading.tree import Member
from archive.reading.units import Former
from schemas.item import Key, Raw


class Before:
    """Makes the ids of then. One member is read after another; each began to count anew, but for invitations."""

    def __init__(self, new: Scene) -> None:
        """``new``: any scene of this reading."""
        self._new = new
        self._together, self._reposts = self._scene("invitations"), self._scene("reposts")
        self._rows: list[tuple[int, int, Key]] = []

    def _scene(self, name: str) -> Scene:
        place = f"{self._new.via.id}/{name}"
        key = self._new.thread.model_copy(update={"id": place, "derived": True})
        return Scene(self._new.channel, self._new.parser, self._new.via, key, scope=place)

    def begin(self, member: Member, name: str, *, split_otherwise: bool) -> None:
        """Begin a member whose rows are now and then of one kind. ``split_otherwise``: rows ended elsewhere then."""
        self._reposts, self._rows = self._scene("reposts"), []
        if not split_otherwise:
            return
        scene, header = self._scene(name), None
        with member.open() as stream:
            for row in read_rows(stream):
                if row.cells is None:
                    continue
                if header is None:
                    header = [cell.strip() for cell in row.cells]
                elif len(row.cells) >= len(header):
                    self._rows.append((row.start, row.end, _key(scene, Cells(header, row.cells))))

    def activity(
        self, raw: Raw, written: str | None, link: str | None, said: str, kind: str | None, *, vote: bool
    ) -> Former | None:
        """Give it for a row of anything but messages, invitations and recommendations; None where it is the same."""
        if vote:
            return Former(self._reposts.derived(written, link, said, kind), thread=self._reposts.thread.id)
        at = bisect_right(self._rows, raw.start or 0, key=lambda row: row[0]) - 1
        if at >= 0 and (raw.start or 0) < self._rows[at][1]:
            return Former(self._rows[at][2])
        return None

    def invitation(self, *told: str | None) -> Former:
        """Give it for an invitation."""
        return Former(self._together.derived(*told), thread=self._together.thread.id)


def _key(scene: Scene, cells: Cells) -> Key:
    time = time_of(cells.get("Date", "Time", "Date/Time"), None)
    said = cells.get("ShareCommentary", "Message", "Media Description") or ""
    link, kind = cells.get("ShareLink", "Link", "Media Link"), cells.get("Type")
    return scene.derived(time.written if time else None, link, said, kind)
