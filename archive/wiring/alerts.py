"""Telling whom the settings name."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from archive.adapters.alert_command import run_command
from archive.adapters.mail_smtp import SmtpMailer
from archive.errors import SettingsError, Unreachable, UsageError
from archive.services import hold_notices
from archive.services.session import Session
from archive.settings import Settings, check_address
from schemas.keeping import HoldNotice


def tell(settings: Settings, alerts: Sequence[str], problems: list[str]) -> bool:
    """Tell whom the settings name; give whether somebody took it, or there is nobody to tell.

    Who could not be told, and why, is added to ``problems``.
    """
    text = "".join(f"{alert}\n" for alert in alerts)
    ways: list[Callable[[], None]] = []
    if command := settings.alerts.command:
        ways.append(partial(run_command, command, text, _secrets(settings)))
    mailer, subject = SmtpMailer(settings.mail), f"Beleg: {len(alerts)} things to look at ({settings.origin})"
    ways += [partial(mailer.send, address, subject, text) for address in settings.alerts.mail]
    taken = 0
    for way in ways:
        try:
            way()
        except (Unreachable, SettingsError) as error:
            problems.append(f"an alert was not taken: {error}")
        else:
            taken += 1
    return taken > 0 or not ways


def _secrets(settings: Settings) -> frozenset[str]:
    """Give the variables of the environment in which the settings find secrets."""
    references = (settings.passphrase, settings.catalogue, settings.mail.password)
    every = (*references, *(source.secret for source in settings.sources.values()))
    return frozenset(one.removeprefix("env:") for one in every if one and one.startswith("env:"))


def mail_notice(
    session: Session, number: str, to: Mapping[str, str], *, reminder: bool, due: str | None, words: Path | None
) -> list[HoldNotice]:  # fmt: skip
    """Mail a notice of a hold, or a reminder, by the server of the settings. Errors as ``hold_notices.mail``."""
    try:
        for address in to.values():
            check_address(address)
        text = None if words is None else words.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"{words}: no UTF-8") from error
    except ValueError as error:
        raise UsageError(f"--mail: {error}") from error
    mailer = SmtpMailer(session.settings.mail)
    return hold_notices.mail(
        session, number, to, mailer.send, what="reminded" if reminder else "sent", due=due, text=text
    )
