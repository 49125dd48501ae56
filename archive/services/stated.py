"""Which statements there are, and what people decided about them: the part that searching needs too."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from archive.errors import UsageError
from archive.services.session import Session
from archive.statements.asked import kinds_and_modalities
from archive.statements.evaluate import ENOUGH, overlap
from archive.statements.model import KINDS, MODALITIES
from archive.statements.ports import Stated
from schemas.statement import StatementDecision


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which statements a list is to show."""

    kinds: Collection[str] = ()
    modalities: Collection[str] = ()
    party: str | None = None
    """The number or name of a party, or the name of a sender."""
    since: str | None = None
    """A day, or an instant: said then or later."""
    least: int = 0
    """Strength from which a find is shown."""
    unreviewed: bool = False
    rejected: bool = False
    """Show those too that somebody rejected."""


@dataclass(slots=True)
class Decided:
    """What people decided, by item: of each place the last decision counts."""

    by_item: dict[int, list[StatementDecision]] = field(default_factory=dict)

    def of(self, one: Stated) -> StatementDecision | None:
        """Give the last decision on the words of a find."""
        for made in reversed(self.by_item.get(one.item, [])):
            if made.kind == one.kind and overlap((made.start, made.end), (one.start, one.end)) >= ENOUGH:
                return made
        return None


def decided(session: Session, *, before: int | None = None) -> Decided:
    """Fold the decisions of the ledger, oldest first; those below ``before``, if it is given."""
    found = Decided()
    for index, body in session.bodies("decision", "matter"):
        if before is not None and index >= before:
            break
        if isinstance(body, StatementDecision):
            found.by_item.setdefault(body.item, []).append(body)
    return found


def finds(session: Session, wanted: Wanted, known: Decided) -> list[tuple[Stated, bool]]:
    """Give (find, whether the lexicon at hand finds it) of what is wanted, before names and times are asked.

    Raises:
        UsageError: a kind or modality that there is not.
    """
    _check(wanted)
    found = session.catalogue.statements(kinds=wanted.kinds, modalities=wanted.modalities, least=wanted.least)
    chosen = [(one, True) for one in found if _wanted(known.of(one), wanted)]
    if not wanted.unreviewed:
        chosen += [(one, False) for one in only_confirmed(session, wanted, known)]
    return sorted(chosen, key=lambda pair: (pair[0].item, pair[0].start))


def _check(wanted: Wanted) -> None:
    for given, allowed, name in ((wanted.kinds, KINDS, "kind"), (wanted.modalities, MODALITIES, "modality")):
        for one in given:
            if one not in allowed:
                raise UsageError(f"there is no {name} {one!r}; there are: {', '.join(allowed)}")


def _wanted(made: StatementDecision | None, wanted: Wanted) -> bool:
    if made is None:
        return True
    return not wanted.unreviewed and (made.decision == "confirmed" or wanted.rejected)


def only_confirmed(session: Session, wanted: Wanted, known: Decided) -> Iterable[Stated]:
    """Give what somebody confirmed and the lexicon at hand does not find."""
    items = sorted(known.by_item)
    found: dict[int, list[Stated]] = {}
    for one in session.catalogue.statements_of(items):
        found.setdefault(one.item, []).append(one)
    for item in items:
        last: dict[tuple[str, int, int], StatementDecision] = {}
        for made in known.by_item[item]:
            last[made.kind, made.start, made.end] = made
        for number, made in enumerate(last.values(), 901):
            if made.decision != "confirmed" or any(known.of(one) == made for one in found.get(item, [])):
                continue
            if (wanted.kinds and made.kind not in wanted.kinds) or wanted.least > 100:
                continue
            if wanted.modalities and made.modality not in wanted.modalities:
                continue
            yield Stated(
                item, number, made.kind, made.modality, made.start, made.end, 100, made.rule, (), (), {}, None
            )  # fmt: skip


def of_statement(session: Session, value: str) -> frozenset[int]:
    """Give the items that ``statement:`` means: a kind, a kind and a modality, a decision, or ``any``.

    Raises:
        UsageError: it is none of these.
    """
    known = decided(session)
    if value in ("confirmed", "rejected"):
        chosen = finds(session, Wanted(rejected=True), known)
        return frozenset(
            one.item for one, _ in chosen if (made := known.of(one)) is not None and made.decision == value
        )
    try:
        kinds, modalities = kinds_and_modalities(value)
    except ValueError as error:
        raise UsageError(f"{error}, confirmed, rejected") from error
    return frozenset(one.item for one, _ in finds(session, Wanted(kinds, modalities), known))
