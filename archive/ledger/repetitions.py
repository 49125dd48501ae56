"""Whether two records of a whole ledger bear one commitment (read half; FORMAT.md §8).

Kept are eight bytes a record. Two equal ones raise a suspicion, which the leaves themselves then settle.
"""

from array import array
from collections.abc import Callable

from archive.core.leaf import UnknownRecord, decode_leaf
from archive.errors import FormatError, NotFound
from archive.ledger.reader import LedgerReader
from schemas.report import Finding

AT_ONCE = 2_000_000
"""Values compared in one go: bounds the memory, not the answer."""


class Repetitions:
    """Collects the beginnings of commitments."""

    def __init__(self) -> None:
        self._beginnings = array("Q")

    def add(self, beginnings: bytes) -> None:
        """Add eight bytes for each encrypted record."""
        self._beginnings.frombytes(beginnings)

    def to_bytes(self) -> bytes:
        """Give all that was added, for a later verification to begin with."""
        return self._beginnings.tobytes()

    def _suspects(self) -> set[bytes]:
        parts = len(self._beginnings) // AT_ONCE + 1
        found: set[bytes] = set()
        for part in range(parts):
            chosen = (
                [one for one in self._beginnings if one % parts == part] if parts > 1 else self._beginnings
            )
            if len(set(chosen)) == len(chosen):
                continue
            seen: set[int] = set()
            for one in chosen:
                if one in seen:
                    found.add(array("Q", [one]).tobytes())
                seen.add(one)
        return found

    def tell(self, reader: LedgerReader, report: Callable[[Finding], None]) -> None:
        """Report records that bear the commitment of an earlier one."""
        suspects = self._suspects()
        if not suspects:
            return
        seen: dict[str, int] = {}
        for ref in reader.state.segments:
            try:
                leaves = list(reader.segment(ref).leaves())
            except (NotFound, FormatError):
                continue  # the scan has named it
            for index, raw in enumerate(leaves, ref.first):
                try:
                    committed = decode_leaf(raw).commitment
                except (UnknownRecord, FormatError):
                    continue
                if committed is None or committed[:8].encode() not in suspects:
                    continue
                first = seen.setdefault(committed, index)
                if first != index:
                    text = (
                        f"record {index} bears the commitment of record {first}: it was sealed a second time"
                    )
                    report(Finding(kind="altered", text=text, index=index))
