"""What a plan says, for whoever is to stand behind it."""

from typing import TYPE_CHECKING

from cli.output import safe, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemas.keeping import Plan, Policy


SHOWN = 50
"""Ranges of records that are printed: who signs looks at what exactly would go."""


def say_plan(plan: "Plan") -> None:
    """Print what would happen."""
    if plan.action == "erase":
        _say_erasure(plan)
    elif plan.action == "release":
        say(f"{plan.id}: would release {plan.hold}: {safe(plan.reason)}")
    elif plan.policy is not None:
        say(f"{plan.id}: would put this policy in force: {safe(plan.reason)}")
        say(f"Purpose   {'demanded' if plan.policy.demands_purpose else 'may be given'}")
        say(f"Second    {', '.join(plan.policy.second_person) or 'for nobody'}")
        say_policy(plan.policy)


def _say_erasure(plan: "Plan") -> None:
    from archive.services.dispose.closure import stays

    say(f"{plan.id}: would erase {counted(plan.counts)}")
    every = [pair for one in plan.targets for pair in one]
    if every:
        say(f"  records: {spans(every)}")
    say_restricted(stays(plan.restricted))
    for line in plan.remains:
        say(f"  remains: {safe(line)}")


def spans(every: "Sequence[tuple[int, int]]") -> str:
    """Say which records ranges name."""
    told = [str(first) if first == last else f"{first}-{last}" for first, last in every[:SHOWN]]
    more = f" and {len(every) - SHOWN} more ranges: --json lists them" if len(every) > SHOWN else ""
    return ", ".join(told) + more


def counted(counts: "Sequence[tuple[str, int]]") -> str:
    """Say what goes, in the words in which every plan, run and certificate says it."""
    return ", ".join(f"{count} {what}" for what, count in counts) or "nothing"


def say_restricted(restricted: "Sequence[tuple[str, int, str | None]]") -> None:
    """Print what stays, by ground."""
    for ground, count, until in restricted:
        say(f"  {count} items stay restricted: {safe(ground)}{f', until {until}' if until else ''}")


def say_policy(policy: "Policy") -> None:
    """Print what a policy that people sign says beside purpose and second person."""
    say(f"Purposes  {safe(', '.join(policy.purposes)) or 'any words'}")
    say(f"Release   {'of a hold by two people' if policy.release_by_two else 'of a hold by one person'}")
    say(f"Taken in  {safe(', '.join(policy.allow)) or 'everything'}")
    for account in policy.accounts:
        who, what = ", ".join(account.parties) or "anybody", ", ".join(account.purposes) or "any purpose"
        only = f"; business: {', '.join(account.only)}" if account.only else ""
        where = f" on {account.server}" if account.server else ""
        say(
            safe(
                f"Account   {account.channel} {account.account}{where}: {account.use}, by {who}, for {what}{only}"
            )
        )
    if policy.timezone is not None:
        say(f"Calendar  {safe(policy.timezone)}")
    if policy.also_unclassed:
        say("Ends      also what was sealed under a policy that gave it no class")
    for one in policy.classes:
        clock = "from the end of the year" if one.start == "year_end" else "from the day"
        say(f"Class     {safe(one.name)}: {one.years} years {clock}{', by law' if one.statute else ''}")
    for rule in policy.rules:
        parts = [*rule.channels, *rule.kinds, *rule.parties, *([rule.query] if rule.query else [])]
        say(f"Rule      {safe(rule.name)} for {safe(', '.join(parts))}")
