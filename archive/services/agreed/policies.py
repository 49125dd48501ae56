"""Policies: proposed by one, approved by two, put in force by the owner; which of them count."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from archive.errors import Refused, UsageError
from archive.keeping import retention
from archive.keeping.conversations import Conversations
from archive.keeping.retention import Retention
from archive.ledger.drafts import Draft, draft_of
from archive.ledger.state import LedgerState
from archive.ledger.writer import Writer
from archive.services import register
from archive.services.agreed import accounts, agreement, papers
from archive.services.session import Session
from archive.settings import check_timezone
from schemas.keeping import Plan, Policy, PolicyEntry
from schemas.matter import HoldRelease


def counting(session: Session) -> list[tuple[int, PolicyEntry]]:
    """Give the policies that were put in force rightly, in order: each says what a plan says that two people signed.

    An entry whose plan or approvals do not bear it out changes nothing: the policy before it goes on.
    """
    plans = dict(papers.plans(session).values())
    found = []
    for index, entry in papers.policy_entries(session):
        plan = plans.get(entry.index)
        if plan is None or plan.action != "policy" or plan.policy != entry.policy or entry.index >= index:
            continue
        if _agreed_then(session, index, entry, plan):
            found.append((index, entry))
    return found


def _agreed_then(session: Session, index: int, entry: PolicyEntry, plan: Plan) -> bool:
    """Judge by the keys that counted when the policy was put in force, not by those of today."""
    state = session.ledger.state
    first = state.segment_of(index).first
    named = {
        at: approval for at, approval in papers.approvals(session) if at in entry.approvals and at < index
    }
    messages = agreement.to_sign(session, entry.index, plan)
    roles, keys = set(), set()
    for approval in named.values():
        key = state.keys.writer(approval.key, first)
        if key is None or approval.index != entry.index or key.role not in agreement.AGREEING:
            continue
        if agreement.holds(key.public, approval.signatures, messages):
            roles.add(key.role)
            keys.add(approval.key)
    return len(keys) >= 2 and len(roles) >= 2


def at(session: Session, index: int) -> Policy | None:
    """Give the policy that was in force for a record."""
    found = [entry.policy for number, entry in counting(session) if number < index]
    return found[-1] if found else None


def needs_second(session: Session, index: int) -> bool:
    """Say whether a hold that is released in this record ends only if a second person agreed."""
    policy = at(session, index)
    return policy is not None and policy.release_by_two


def release_plan(session: Session, hold: str) -> tuple[int, Plan] | None:
    """Give the newest plan to release a hold."""
    found = [pair for pair in papers.plans(session).values() if pair[1].action == "release"]
    return max((pair for pair in found if pair[1].hold == hold), key=lambda pair: pair[0], default=None)


def second_agreed(session: Session, index: int, plan: Plan, writer: str) -> bool:
    """Say whether somebody else than this writer approved a plan."""
    return any(one.approval.key != writer for one in agreement.agreements(session, index, plan))


def release_counts(session: Session, index: int, release: HoldRelease) -> bool:
    """Say whether a release ends its hold: whoever holds the legal key alone cannot go past the policy."""
    if not session.ledger.state.special.get("policy") or not needs_second(session, index):
        return True
    plans = dict(papers.plans(session).values())
    plan = plans.get(-1 if release.plan is None else release.plan)
    if plan is None or release.plan is None or plan.action != "release" or plan.hold != release.hold:
        return False
    writer = session.ledger.segment(session.ledger.state.segment_of(index)).header.writer
    return second_agreed(session, release.plan, plan, writer)


def current(session: Session) -> Policy | None:
    """Give the policy in force."""
    found = counting(session)
    return found[-1][1].policy if found else None


def too_short(session: Session) -> str | None:
    """Say that the archive place locks what is new for less than a class demands by law, if it does."""
    policy = current(session) if session.ledger.state.special.get("policy") else None
    lawful = [one for one in policy.classes if one.statute] if policy else []
    longest = max(lawful, key=lambda one: one.years, default=None)
    days = session.locked_days() if longest else None
    if longest is None or days is None or days >= 365 * (longest.years + (longest.start == "year_end")):
        return None
    years = longest.years + (longest.start == "year_end")
    return (
        f"the archive place locks what is new for {days} days, and the class {longest.name} demands {years} years: "
        f"`beleg doctor --harden --years {years}`"
    )


def rules(session: Session, conversations: Conversations) -> Retention:
    """Give what follows from all policies for how long items stay."""
    found = [(index, entry.policy) for index, entry in counting(session)]
    zone = ZoneInfo(session.settings.timezone or "UTC")
    return Retention(found, register.party_states(session), conversations, zone)


def propose(session: Session, policy: Policy) -> Plan:
    """Write down a policy for others to approve.

    Raises:
        UsageError: it contradicts itself, or names a party or channel that there is not: such a rule keeps nothing.
        Refused: this account has neither the legal nor the privacy key.
    """
    policy = retention.with_german(policy)
    if policy.timezone is None:
        policy = policy.model_copy(update={"timezone": session.settings.timezone})
    try:
        check_timezone(policy.timezone or "UTC")
        retention.check(policy)
        accounts.check(policy)
    except ValueError as error:
        raise UsageError(str(error)) from error
    named = {*policy.second_person, *(party for rule in policy.rules for party in rule.parties)}
    named |= {party for rule in policy.accounts for party in rule.parties}
    known = register.parties(session) if named else {}
    if missing := sorted(named - known.keys()):
        raise UsageError(f"there is no party {missing[0]}; `beleg party list` shows them")
    channels = {channel.name for channel in session.channels}
    if strange := sorted({name for rule in policy.rules for name in rule.channels} - channels):
        raise UsageError(f"there is no channel {strange[0]}; `beleg channels` lists them")
    before, actor = current(session), acting(session)
    made: list[Plan] = []

    def decide(head: LedgerState) -> Sequence[Draft]:
        made[:] = [
            Plan(
                id=register.next_id("D", papers.plans(session)), action="policy", known=head.size,
                made=session.now(), reason=policy.reason, policy=policy, counts=_changes(before, policy),
                person=actor,
            )
        ]  # fmt: skip
        return [draft_of(made[0])]

    session.ledger.append(proposer(session), decide)
    return made[0]


def _changes(before: Policy | None, after: Policy) -> tuple[tuple[str, int], ...]:
    return (
        ("classes before", len(before.classes) if before else 0),
        ("classes", len(after.classes)),
        ("rules", len(after.rules)),
        ("rules for accounts before", len(before.accounts) if before else 0),
        ("rules for accounts", len(after.accounts)),
    )


def proposer(session: Session) -> Writer:
    """Give the writer who writes plans and requests: legal, or privacy."""
    for role in ("legal", "privacy"):
        if session.keys.has(role):
            return session.writer(role)
    raise Refused("plans are written by the role legal or privacy, and neither key file is here")


def acting(session: Session) -> str | None:
    """Give the number of the person who writes plans and requests here."""
    return register.actor(session, "legal" if session.keys.has("legal") else "privacy")


def enact(session: Session, number: str) -> PolicyEntry:
    """Put an approved policy in force. Needs the owner's key.

    Raises:
        UsageError: no such plan, no plan of a policy, or it is in force.
        Refused: the approvals are not enough.
    """
    made: list[PolicyEntry] = []

    def decide(_: LedgerState) -> Sequence[Draft]:
        index, plan = papers.plan(session, number)
        if plan.action != "policy" or plan.policy is None:
            raise UsageError(f"{number} is no plan of a policy")
        if any(entry.index == index for _, entry in counting(session)):
            raise UsageError(f"{number} was put in force before")
        given = agreement.demand(session, index, plan)
        made[:] = [
            PolicyEntry(
                plan=number, index=index, approvals=tuple(one.index for one in given),
                policy=plan.policy, decided=session.now(),
            )
        ]  # fmt: skip
        return [draft_of(made[0])]

    session.ledger.append(session.writer("owner"), decide)
    return made[0]
