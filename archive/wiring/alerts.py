"""Telling whom the settings name."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from archive.adapters.alert_command import run_command
from archive.adapters.mail_smtp import SmtpMailer
from archive.errors import SettingsError, Unreachable, UsageError
from archive.services import hold_notices
from archive.services.session import Session
from archive.settings import Settings, check_address
from schemas.keeping import HoldNotice


def tell(settings: Settings, alerts: Sequence[str]) -> list[str]:
    """Tell whom the settings name; give who could not be told, and why."""
    problems: list[str] = []
    text = "".join(f"{alert}\n" for alert in alerts)
    if settings.alerts.command:
        try:
            run_command(settings.alerts.command, text)
        except Unreachable as error:
            problems.append(f"nobody was told: {error}")
    mailer = SmtpMailer(settings.mail)
    for address in settings.alerts.mail:
        try:
            mailer.send(address, f"Beleg: {len(alerts)} things to look at ({settings.origin})", text)
        except (Unreachable, SettingsError) as error:
            problems.append(str(error))
    return problems


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
