"""How a host starts collection by itself, as text to be installed by whoever administers it."""

from collections.abc import Mapping

from archive.sources import SourceSettings

_UNIT = """\
# /etc/systemd/system/beleg-collect.service
[Unit]
Description=Beleg: collect from the live sources
After=network-online.target
Wants=network-online.target

[Service]
Type=exec
ExecStart="{program}" collect --all --loop --archive "{folder}"
# The passphrase of the ingest key; readable by this user alone.
EnvironmentFile=/etc/beleg/collect.env
User=beleg
Restart=on-failure
RestartSec=60
# The commit in hand is finished before it stops.
KillSignal=SIGTERM
TimeoutStopSec=300
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
ReadWritePaths="{folder}"

[Install]
WantedBy=multi-user.target
"""
_CRON = """\
# crontab of the user beleg; each source at its own interval, and never twice at once
*/{minutes} * * * * . /etc/beleg/collect.env; "{program}" collect --all --due --archive "{folder}"
"""
_WINDOWS = """\
schtasks /Create /TN "Beleg collect" /SC MINUTE /MO {minutes} ^
  /TR "\\"{program}\\" collect --all --due --archive \\"{folder}\\""
"""


def schedules(sources: Mapping[str, SourceSettings], *, folder: str, program: str) -> dict[str, str]:
    """Give the text for each kind of host, by its name; cron and Windows ask as often as the most urgent source."""
    minutes = min((source.minutes for source in sources.values()), default=60)
    given = {"program": program, "folder": folder, "minutes": min(59, minutes)}
    return {
        "systemd": _UNIT.format(**given),
        "cron": _CRON.format(**given),
        "Windows": _WINDOWS.format(**{**given, "minutes": minutes}),
    }
