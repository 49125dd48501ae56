"""Telling whom the settings name."""

from collections.abc import Callable, Sequence
from functools import partial

from archive.adapters.alert_command import run_command
from archive.adapters.mail_smtp import SmtpMailer
from archive.errors import SettingsError, Unreachable
from archive.settings import Settings


def tell(settings: Settings, alerts: Sequence[str], problems: list[str]) -> bool:
    """Tell whom the settings name; give whether somebody took it, or there is nobody to tell.

    Who could not be told, and why, is added to ``problems``.
    """
    text = "".join(f"{alert}\n" for alert in alerts)
    ways: list[Callable[[], None]] = []
    if command := settings.alerts.command:
        ways.append(partial(run_command, command, text))
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
