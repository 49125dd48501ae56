"""Putting a folder to the test: does it keep what `doctor` promises of it?"""

import errno
import secrets
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from archive.adapters.objects_folder import FolderStore
from archive.core.layout import PROBES
from archive.errors import AlreadyExists, Forbidden, PlaceGone, StoreError
from schemas.report import Probe, Verdict

RACERS = 16


class FolderProber:
    """A PlaceProber of a folder."""

    def __init__(self, place: str, store: FolderStore) -> None:
        """Test ``store``, called ``place`` in the report."""
        self.place, self.store = place, store

    def _probe(self, what: str, promise: str, seen: str, verdict: Verdict) -> Probe:
        return Probe(place=self.place, what=what, promise=promise, seen=seen, verdict=verdict)

    def essential(self) -> Iterator[Probe]:
        """Race sixteen writers for one name; see ``PlaceProber.essential``."""
        promise = f"of {RACERS} writers of one name exactly one wins, with all its bytes"
        name = f"{PROBES}{secrets.token_hex(16)}"
        bodies = [bytes([number]) * 4096 for number in range(RACERS)]

        def create(body: bytes) -> bytes | None:
            try:
                self.store.put_new(name, body)
            except AlreadyExists:
                return None
            return body

        try:
            with ThreadPoolExecutor(RACERS) as pool:
                winners = [body for body in pool.map(create, bodies) if body is not None]
            good = len(winners) == 1 and self.store.get(name, limit=4096) == winners[0]
            yield self._probe(
                "create-if-absent", promise, f"{len(winners)} won", "holds" if good else "broken"
            )
        except PlaceGone:
            raise  # not unfit: not there
        except StoreError as error:
            if isinstance(error.__cause__, PermissionError):
                raise Forbidden(f"{self.place}: {error}") from error
            read_only = isinstance(error.__cause__, OSError) and error.__cause__.errno == errno.EROFS
            seen = f"{error}; a host that may write there can test it" if read_only else str(error)
            yield self._probe("create-if-absent", promise, seen, "untested" if read_only else "broken")
        finally:
            shutil.rmtree(self.store.root / PROBES, ignore_errors=True)

    def further(self) -> Iterator[Probe]:
        """Say that a folder has no lock."""
        yield self._probe(
            "lock", "nobody can remove or change what was written",
            "a folder has no lock: whoever may write to it may delete. Heads kept outside are the only guard",
            "weaker",
        )  # fmt: skip

    def locks(self) -> Iterator[Probe]:
        """Give nothing: there are none."""
        yield from ()
