"""Telling whom the settings name."""

from collections.abc import Sequence

from archive.adapters.alert_command import run_command
from archive.adapters.mail_smtp import SmtpMailer
from archive.errors import SettingsError, Unreachable
from archive.settings import Settings


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
