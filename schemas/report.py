"""What a verification found: data, never exceptions."""

from typing import Literal

from pydantic import computed_field

from schemas.base import Model

FindingKind = Literal[
    "altered",        # bytes are not what was hashed or signed
    "missing",        # something that must be there is not
    "unexpected",     # something is there that the ledger does not name
    "bad_signature",  # no registered key that counts signed it
    "bad_role",       # a key signed what its role may not
    "bad_chain",      # index, previous, stream position or time does not follow
    "fork",           # two histories
    "rolled_back",    # a place shows less than was signed
    "key_missing",    # a destroyed key slot that no erasure names
    "key_returned",   # a key slot that an erasure destroyed is back
    "not_opened",     # a record that its key does not open, or not to what was committed
    "disowned",       # a good checkpoint that is no prefix, set aside by the owner
    "unknown",        # of a version, class or kind that this code does not know
    "unreachable",    # a place gave no answer
    "duplicate",      # identical bytes stored twice, or an orphan: harmless
    "open_erasure",   # ordered, not yet carried out
    "not_copied",     # a key page that the second copy has not pulled yet
    "clock",          # a segment that is older than the one before it
    "older_head",     # an outside head that is a prefix of the ledger, and not its end
    "bad_token",      # a time-stamp token that does not hold, or does not fit what it is said to stamp
    "not_believed",   # tokens that hold, of an authority that is none of those given
    "expired",        # the certificate of an authority has ended since; its tokens held when they were made
]  # fmt: skip

Severity = Literal["finding", "unknown", "note"]
"""``finding``: exit 3. ``unknown``: could not tell, exit 4. ``note``: worth saying, exit 0."""

NOTES: frozenset[str] = frozenset(
    {"duplicate", "open_erasure", "not_copied", "clock", "older_head", "not_believed", "expired"}
)
UNKNOWNS: frozenset[str] = frozenset({"unknown", "unreachable"})


class Finding(Model):
    """One thing that a verification has to say, without any content."""

    kind: FindingKind
    text: str
    """In plain words."""
    name: str | None = None
    """The object it was seen in."""
    index: int | None = None
    """The first record it touches."""

    @property
    def severity(self) -> Severity:
        """Say how heavy it is."""
        if self.kind in NOTES:
            return "note"
        return "unknown" if self.kind in UNKNOWNS else "finding"


class Stamps(Model):
    """What the good tokens of one authority show."""

    authority: str
    """The subject of its certificate."""
    size: int
    """It stamped the records below this size, and none from there on."""
    before: int
    """By when they were sealed: its earliest token over all of them, its accuracy counted in; Unix time."""


class ErasureOrder(Model):
    """What an ``erase`` record says: which keys are to be destroyed, on whose request, and who approved."""

    record: int
    sealed: int
    """When that was sealed, Unix time by the operator's clock."""
    request: int
    """The record that says why, to whoever may read it."""
    approved_by: tuple[str, ...]
    """Roles and keys."""
    targets: tuple[tuple[int, int], ...]
    """Records, inclusive."""


class VerificationReport(Model):
    """The outcome of a verification of an archive."""

    origin: str | None
    level: Literal[0, 1, 2]
    size: int
    """Records that were walked."""
    since: int = 0
    """Records below this index were verified earlier, and not read again."""
    root: str | None
    """Hex root of the tree over them."""
    log_key: str | None
    """The verifier key that the newest checkpoint was checked with."""
    log_key_given: bool
    """Whether it is the key that came from outside; if not, it is only what the archive says of itself."""
    checkpoints: int
    """Stored checkpoints that were checked against the tree."""
    sealed_size: int
    """Size of the largest good checkpoint; records beyond it are committed, not yet sealed."""
    tokens: int
    """Time-stamp tokens that were checked; 0 means NO TIME PROOF."""
    authorities: tuple[Stamps, ...] = ()
    """What each authority bounds that signed good tokens: the widest first, of equal ones the earliest."""
    authorities_given: bool = False
    """Whether the certificates that their chains end in came from outside."""
    heads: int
    """Outside heads that were compared."""
    newest_head: int | None = None
    """Size of the largest outside head that agrees: what came after it could be cut off unseen."""
    newest_head_time: int | None = None
    """When the last record under that head was sealed, Unix time by the operator's clock."""
    newest_head_ahead: bool = False
    """Whether that time is still to come for whoever verifies: how old the head is cannot be told from it."""
    segments: int
    objects: int
    opened: int
    """Records opened and compared with their commitment (level 2)."""
    unopened: int
    """Encrypted records that no key at hand opens (level 2)."""
    erased: int
    """Records whose key was destroyed under an erasure."""
    challenged: tuple[tuple[int, bool | None], ...] = ()
    """(index of a record that was drawn, whether it opens to what was committed; None: no key at hand)."""
    challenged_size: int = 0
    """They were drawn from the records below it, by their root: those of the newest outside head, if one was given."""
    keys_changed: int = 0
    """Records about keys, the founding one among them."""
    erasures: int = 0
    orders: tuple[ErasureOrder, ...] = ()
    """The newest of these, as far as they can be read."""
    findings: tuple[Finding, ...]
    truncated: int = 0
    """Further findings that are counted but not listed."""
    seconds: float | None = None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def timed_size(self) -> int:
        """Records below this size are under a good token."""
        return self.authorities[0].size if self.authorities else 0

    @computed_field  # type: ignore[prop-decorator]
    @property
    def newest_token(self) -> int | None:
        """By when they were sealed, by the good token that says the earliest; Unix time."""
        return self.authorities[0].before if self.authorities else None

    @property
    def exit_code(self) -> int:
        """0 intact, 3 findings, 4 could not tell."""
        severities = {finding.severity for finding in self.findings}
        if "finding" in severities:
            return 3
        return 4 if "unknown" in severities else 0

    @property
    def not_intact(self) -> str:
        """Say what exit code 3 means: how many findings, and the first record that one touches."""
        bad = [finding for finding in self.findings if finding.severity == "finding"]
        first = next((one.index for one in bad if one.index is not None and one.index < self.size), None)
        where = f"; the first record touched is {first}" if first is not None else ""
        return f"NOT INTACT: {len(bad) + self.truncated} findings{where}."

    @property
    def intact(self) -> str:
        """Say what exit code 0 means: of no more than was read."""
        said = "nothing was removed, added, changed or reordered up to the newest signed checkpoint"
        if not self.since:
            return f"INTACT: {said}."
        return (
            f"INTACT from record {self.since} on: {said}. The segments and key pages of what was verified earlier are "
            "still there, and were not read again."
        )


Verdict = Literal["holds", "weaker", "broken", "unknown", "untested"]
"""``holds``: as promised. ``weaker``: works, and guards less than it could (exit 3). ``broken``: refused as a
place (exit 5). ``unknown``: could not tell (exit 4). ``untested``: this account has no right to test it."""


class Probe(Model):
    """One promise of a place or of the keys, and what was seen when it was put to the test."""

    place: str
    what: str
    promise: str
    seen: str
    verdict: Verdict


class DoctorReport(Model):
    """What `beleg doctor` found."""

    probes: tuple[Probe, ...]

    @property
    def exit_code(self) -> int:
        """Give 0 all hold, 5 a place is unfit, 4 could not tell, 3 weaker than it could be.

        What this account has no right to test is no reason to hide that the rest is weaker; but it never holds.
        """
        verdicts = {probe.verdict for probe in self.probes}
        codes = (("broken", 5), ("unknown", 4), ("weaker", 3), ("untested", 4))
        return next((code for verdict, code in codes if verdict in verdicts), 0)
