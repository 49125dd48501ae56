"""Every exception of the machine. The class carries the exit code; the message says what, where, what to do.

    ArchiveError                1  a fault in Beleg itself
    ├ Disagreement              1  two ways of searching gave different items
    ├ UsageError                2  the command line or the settings are wrong
    │ ├ SettingsError           2
    │ └ QueryError              2  a query that cannot be read; points at the place
    ├ UnreadableInput           3  a file given to Beleg cannot be read; the rest of the run goes on
    ├ Unfinished                4  not finished, or could not tell
    │ ├ StoreError              4
    │ │ ├ NotFound              4  the object is not there (absence, not "could not tell")
    │ │ ├ AlreadyExists         4  another object holds this name
    │ │ ├ Unreachable           4
    │ │ │ ├ AskedToWait         4  a source wants to be left alone for longer than a collection waits
    │ │ │ └ PlaceGone           4  there is no such bucket or folder
    │ │ └ Forbidden             5  this account may not do that there
    │ ├ FormatError             4  bytes of an archive that are not format 1
    │ ├ Outdated                4  a projection made by another version; it must be rebuilt
    │ │ └ OtherRules            4  a whole index of ours: to be replayed by whoever opens the archive
    │ ├ Locked                  4  another process holds the archive
    │ └ Stopped                 4  somebody ended it; what was sealed stands
    └ Refused                   5  a hold, a right or a lock forbids it
      ├ WrongPassphrase         5
      ├ NotOpened               5  a record that no key at hand opens, or whose key was destroyed
      └ RolledBack              5  a place shows less than was signed

Findings of a verification are data (``schemas.report``), not exceptions.
"""

from typing import Literal


class ArchiveError(Exception):
    """Base of all errors that Beleg raises on purpose; by itself a bug."""

    exit_code = 1


class Disagreement(ArchiveError):
    """Two ways of searching that must give the same items do not."""


class UsageError(ArchiveError):
    """The command line asks for something that cannot be meant."""

    exit_code = 2


class SettingsError(UsageError):
    """beleg.toml or an environment variable is wrong."""


class QueryError(UsageError):
    """A query cannot be read. ``str()`` shows it, a caret under the place, and what is allowed there."""

    def __init__(self, message: str, *, query: str, column: int, allowed: str = "") -> None:
        self.message = message
        self.query = query
        self.column = column
        """Characters before the place, counted from 0."""
        self.allowed = allowed
        shown = "".join(" " if c in "\t\r\n" else c for c in query)
        lines = [f"{message} (column {column + 1})", f"  {shown}", "  " + " " * column + "^"]
        super().__init__("\n".join([*lines, allowed] if allowed else lines))


class UnreadableInput(ArchiveError):
    """An input file cannot be read. Its bytes are kept where possible."""

    exit_code = 3


class Unfinished(ArchiveError):
    """The work was not finished, or the answer could not be had."""

    exit_code = 4


class StoreError(Unfinished):
    """A place did not do what was asked."""


class NotFound(StoreError):
    """The place answered: no object of this name."""


class AlreadyExists(StoreError):
    """The name is taken by other bytes."""


class Unreachable(StoreError):
    """The place gave no answer; whether the object exists is unknown."""


class AskedToWait(Unreachable):
    """A source asks to be left alone for ``seconds``, which is longer than a collection waits."""

    def __init__(self, message: str, seconds: float) -> None:
        super().__init__(message)
        self.seconds = seconds


class PlaceGone(Unreachable):
    """There is no such bucket or folder: a place that is lost, not mounted, or named wrongly."""

    def __init__(self, message: str, place: str = "") -> None:
        super().__init__(message)  # with nothing else, so that it comes whole out of another process
        self.place = place


class Forbidden(StoreError):
    """The place refuses this account; asking again will not help."""

    exit_code = 5


class FormatError(Unfinished):
    """Bytes that should be of format 1 are not."""


class Outdated(Unfinished):
    """A projection on disk was made by another version or engine, or not by Beleg at all."""


class OtherRules(Outdated):
    """A search index is ours, and another version made it: it holds nothing that a replay does not give."""


class JournalUnreadable(Unfinished):
    """The journal of reads cannot be read, or is not what was written: nothing may be shown."""


class Locked(Unfinished):
    """Another process is writing."""


class Stopped(Unfinished):
    """Somebody ended the work; what was sealed stands, and the next run goes on there."""


class Refused(ArchiveError):
    """Forbidden by a hold, a right or a lock."""

    exit_code = 5


class WrongPassphrase(Refused):
    """The passphrase does not open the key file."""


class NotOpened(Refused):
    """A record stays closed here; ``state`` says whether ``no_key`` opens it or its key was ``erased``."""

    def __init__(self, message: str, state: Literal["no_key", "erased"]) -> None:
        super().__init__(message)
        self.state = state


class RolledBack(Refused):
    """A place shows less than what was once signed; nothing is appended until a person has looked."""
