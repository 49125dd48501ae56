"""What commands answer: the stable machine form behind ``--json``."""

from schemas.base import Model, UtcTime
from schemas.item import Item
from schemas.matter import Certificate


class Bracket(Model):
    """Between which times a record was sealed, by time-stamp tokens; None on a side: unbounded there."""

    after: str | None
    """Sealed after this token, UTC."""
    after_authority: str | None
    before: str | None
    """Sealed before this token, UTC."""
    before_authority: str | None


class FileExcerpt(Model):
    """Where in the words of an attached file something was found. Read by machine, no evidence: see the file."""

    file: str
    text: str
    marks: tuple[tuple[int, int], ...]


class Hit(Model):
    """An item found, as a line of a list."""

    number: int
    """Its ledger index: item 48213."""
    channel: str
    thread: str
    author: str | None
    time: str | None
    """As written."""
    utc: str | None
    event: str
    edited: bool
    """The platform says that this is not what was first written, or Beleg saw it change."""
    text: str
    marks: tuple[tuple[int, int], ...] = ()
    """Ranges [start, end) of ``text`` that the query found."""
    title: str | None = None
    """A title or subject beside the text; what has a title alone shows it as its text."""
    title_marks: tuple[tuple[int, int], ...] = ()
    attachments: tuple[str, ...] = ()
    attachment_marks: tuple[tuple[tuple[int, int], ...], ...] = ()
    """For each name, what the query found in it; empty where it found nothing in any."""
    excerpt: FileExcerpt | None = None
    """Where something was found in a file, if the words of the item itself do not suffice."""
    superseded: int | None = None
    """The item that later replaced it: an edit."""
    deleted: bool = False
    """It says itself that it was deleted, or a later item says so."""
    before: "tuple[Hit, ...]" = ()
    after: "tuple[Hit, ...]" = ()
    """Its neighbours in the thread, if they were asked for."""


class Tally(Model):
    """How many of all items found belong to one value."""

    value: str
    items: int


class Counts(Model):
    """All items found, counted; each list adds up to the total."""

    channels: tuple[Tally, ...]
    parties: tuple[Tally, ...]
    """By the party that wrote it, where one is registered for the account; else by the name as written."""
    months: tuple[Tally, ...]
    """``2021-03`` by the archive's calendar; ``-`` for items without a time."""


class SearchAnswer(Model):
    """The answer to a search."""

    query: str
    searched: tuple[tuple[str, tuple[str, ...]], ...]
    """(word, the forms and compounds that were searched for it)."""
    grouped: tuple[str, ...] = ()
    """Numbers and codes that were searched in whatever groups they are written."""
    apart: tuple[tuple[str, int], ...] = ()
    """(query, count): items that have a verb of the query with its prefix apart, or a number of it in other groups, and
    were not found."""
    not_excluded: tuple[tuple[str, int], ...] = ()
    """(query, count): items that were found, and have apart a verb that stands under NOT."""
    no_ids: tuple[tuple[str, int], ...] = ()
    """(field, number): ``id:`` or ``thread:`` asks for what no platform gave as an id, and an item of the archive has
    this number."""
    total: int
    """Exact."""
    hits: tuple[Hit, ...]
    offset: int
    position: int
    """Records that were searched: those below this number."""
    without_text: int
    """Items that no word can find: no text, only an image or sound."""
    unopened: int = 0
    """Records that could not be opened: what stands in them was not searched."""
    unread: tuple[tuple[str, int], ...] = ()
    """(why, how many items have a file whose words are not searched for this reason)."""
    read_otherwise: int = 0
    """Files whose words were read under other rules than those of now: an earlier version, or without OCR."""
    read_before: int = 0
    """Items that an older version of their reader read: `ingest --reparse` reads them anew."""
    as_of: str | None = None
    """Only what stood at this instant, UTC."""
    undated: int = 0
    """With ``as_of``: items without a time that count because they were sealed by then."""
    reworded: int = 0
    """With ``as_of``: items that were edited after it and first seen then. The query finds them, and they are left out:
    nobody knows what they said at that time."""
    misdated: int = 0
    """With ``as_of``: items of the archive that count by their sealing, and bear a later time of it than what came
    after them: a clock was wrong. Whether they were there is not known, and they do not count."""
    maybe_reworded: int = 0
    """With ``as_of``: items of those found that were edited, nobody tells when: they may have said other words."""
    without_time: int = 0
    """With a date in the query: items that no date finds, because the instant of their time is not known."""
    unaddressed: int = 0
    """With to: or with: in the query: messages that do not say to whom they went, so none of these finds them."""
    counts: Counts | None = None
    explained: tuple[str, ...] = ()
    """How the query was read, line by line."""
    checked: tuple[str, ...] = ()
    """What else gave exactly these items: another engine, the matcher over the ledger."""


class Replay(Model):
    """A search of a certificate, asked again on the records that there were."""

    certificate: Certificate
    same_ledger: bool
    """The ledger up to the certificate's position is the one that was searched."""
    total: int
    gone: tuple[int, ...]
    """Found then, not now."""
    new: tuple[int, ...]
    changes: tuple[str, ...]
    """Rules and references that are other than then."""
    explained: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Say whether the same items were found in the same ledger."""
        return self.same_ledger and not self.gone and not self.new


class Absence(Model):
    """A later capture that shows the surroundings of an item in its thread, and not the item."""

    capture: str
    origin: str
    """Name of the file or folder."""
    received: str
    start: str
    end: str
    """Between which instants, UTC, it shows the thread."""


class Shown(Model):
    """One item, whole, with what concerns it."""

    number: int
    sealed: str
    """Time of sealing by the operator's clock."""
    unsealed: bool = False
    """No signed checkpoint covers it yet: it is committed, and ``sealed`` is when."""
    stream: str
    position: int
    """In its stream."""
    bracket: Bracket
    item: Item
    superseded: int | None = None
    """The item that later replaced it: an edit."""
    deletion: int | None = None
    """The item that says that it was deleted later."""
    raw_sha256: str
    events: tuple[Hit, ...]
    """Other versions and events of the same thing: edits, deletions, reactions."""
    before: tuple[Hit, ...]
    after: tuple[Hit, ...]
    seen_again: int
    """Later captures that showed it unchanged."""
    absent: tuple[Absence, ...] = ()
    """Later captures that should show it and do not; why is not known: deleted, or left out of that export."""
    matters: tuple[str, ...]
    restricted: tuple[str, ...] = ()
    """Requests for its erasure that a hold or a statute stands against, and which: it is kept for that alone."""


class ChannelCount(Model):
    """How many items a channel has."""

    channel: str
    items: int


class SourceStatus(Model):
    """A live source at a glance, as this host remembers it."""

    name: str
    kind: str
    answered: UtcTime | None
    """When it last came to its end."""
    failing_since: UtcTime | None
    why: str | None
    items: int
    gaps: int
    lag: int | None
    """Seconds since it last came to its end."""
    busy: bool | None
    """Another process collects from it now."""
    silent: bool
    """It has had nothing new for longer than is its habit."""


class HeadStatus(Model):
    """Which head somebody outside has, as this host remembers it."""

    to: str
    size: int | None
    at: UtcTime | None
    problem: str | None


class Status(Model):
    """An archive at a glance."""

    origin: str
    folder: str
    mode: str
    size: int
    sealed: int
    """Records under the newest checkpoint."""
    root: str
    channels: tuple[ChannelCount, ...]
    catalogue_position: int
    index_position: int
    index: str
    matters: int | None
    """None, as for the next three: no key here shows it."""
    holds: int | None
    productions: int | None
    last_run: str | None
    """When it ended and how; "none" before the first one."""
    unopened: int
    """Records that could not be opened when catalogue and index were made."""
    journal_unsealed_since: str | None
    """Time of the oldest read that is written down and not yet sealed."""
    journal_problem: str | None = None
    """Why the journal of reads cannot be read: until that is mended, nobody is shown anything."""
    sources: tuple[SourceStatus, ...]
    stamped: UtcTime | None
    """When the newest token of a time-stamp authority was sealed."""
    heads: tuple[HeadStatus, ...]
    writing: bool | None
    """Another process holds the writer lock now."""
    free_bytes: int
    """Left on the disk of the workspace."""
    stopped: str | None
    """Why nobody may write here until a person has looked; None: all may."""
    warnings: tuple[str, ...]
