"""Drawing records for a challenge: an auditor without content keys says which are to be opened (read half)."""

from collections.abc import Callable, Sequence
from hashlib import sha256

from archive.core.canonical import label
from archive.core.keys import PrivateRecipient
from archive.errors import FormatError
from archive.ledger.content_checks import ContentCheck
from archive.ledger.opening import Opener
from archive.ledger.reader import LedgerReader
from schemas.report import Finding

CLASSES = frozenset({"content", "matter", "oversight"})


def draw(reader: LedgerReader, size: int, root: bytes, seed: str, count: int) -> list[int]:
    """Draw records below ``size`` that have a key, in ascending order: by seed and root, so by nobody alone.

    Fewer come where there are not so many.
    """
    state = reader.state
    found: set[int] = set()
    for number in range(100 * count):
        if len(found) == count:
            break
        drawn = sha256(
            label("beleg/challenge/v1") + root + number.to_bytes(8, "big") + seed.encode()
        ).digest()
        index = int.from_bytes(drawn[:16], "big") % size
        if index not in found and state.erasure_of(index) is None and _has_key(reader, index):
            found.add(index)
    return sorted(found)


def _has_key(reader: LedgerReader, index: int) -> bool:
    try:
        return reader.leaf(index).record_class in CLASSES
    except FormatError:
        return False  # no leaf of format 1, which the walk has named


def challenge(
    reader: LedgerReader,
    head: tuple[int, bytes],
    private: Sequence[PrivateRecipient],
    seed: str,
    count: int,
    report: Callable[[Finding], None],
) -> list[tuple[int, bool | None]]:
    """Open records that are drawn; say of each whether it is what was committed, never what it says.

    ``head`` is (size, root) to draw from. Gives (index, whether it opens to what was committed; None: no key at hand).
    """
    if reader.state.gapped or not head[0]:
        report(Finding(kind="unknown", text="nothing can be drawn: records are missing"))
        return []
    opener, answers = Opener(reader, private), list[tuple[int, bool | None]]()
    for index in draw(reader, *head, seed, count):
        found: list[Finding] = []
        check = ContentCheck(opener, found.append)
        try:
            check.open_record(reader.record(index))
        except FormatError as error:
            text = f"record {index} was drawn and cannot be read: {error}"
            found.append(Finding(kind="not_opened", text=text, index=index))
        answers.append((index, True if check.opened else None if not found else False))
        for finding in found:
            report(finding)
    closed = sum(answer is None for _, answer in answers)
    if closed:
        text = f"{closed} of the records drawn stay closed: no key at hand opens them"
        report(Finding(kind="unknown", text=text))
    return answers
