"""What ``source schedule`` prints runs: by a shell as cron starts it, and by what systemd itself says of a unit."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from archive.services.collect.schedule import schedules
from archive.settings import load
from tests.commandline.conftest import Beleg
from tests.commandline.test_collect import Site, feed
from tests.commandline.test_collect import site as site

BELEG = str(Path(sys.executable).with_name("beleg"))
HOSTILE = 'a "b" 50% $HOME'


def test_the_line_for_cron_finds_passphrase_and_archive(
    beleg: Beleg, archive: Path, site: str, tmp_path: Path
) -> None:
    Site.body = feed(("1", "eins"))
    beleg("source", "add", "werk", "feed", "--url", site)
    named = tmp_path / HOSTILE
    archive.rename(named)
    environment = tmp_path / "collect.env"
    environment.write_text("BELEG_PASSPHRASE='a passphrase for tests'\n")
    text = schedules(load(named), folder=named, program=BELEG)["cron"]
    line = re.sub(r"\A(\S+ ){5}", "", text.splitlines()[-1])
    command = line.replace(r"\%", "%").replace("/etc/beleg/collect.env", f"'{environment}'")
    assert "%" not in line.replace(r"\%", ""), "cron ends a command there"
    done = subprocess.run(
        ["/bin/sh", "-c", command], env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "1 new items" in done.stdout


@pytest.mark.parametrize(
    ("minutes", "when"),
    [((60,), "0 * * * *"), ((45, 60), "*/15 * * * *"), ((7,), "* * * * *"), ((2880,), "0 * * * *")],
)
def test_cron_and_windows_ask_at_a_divisor_of_all_intervals(
    beleg: Beleg, archive: Path, minutes: tuple[int, ...], when: str
) -> None:
    for number, every in enumerate(minutes):
        url = f"https://werk.example/{number}"
        beleg("source", "add", f"werk{number}", "feed", "--url", url, "--minutes", str(every))
    told = beleg("source", "schedule", "--json").json
    assert told["cron"].splitlines()[-1].startswith(f"{when} set -a; ")
    assert int(re.search(r"/MO (\d+)", told["Windows"])[1]) <= 1439, "schtasks takes no more"  # type: ignore[index]
    assert "wsl.exe" in told["Windows"]
    assert "/RU" in told["Windows"], "a task without a password runs only while somebody is logged on"


def test_the_unit_is_one_and_may_write_where_the_settings_say(
    beleg: Beleg, archive: Path, tmp_path: Path
) -> None:
    named, notary = tmp_path / HOSTILE, tmp_path / "notary"
    archive.rename(named)
    settings = named / "beleg.toml"
    text = settings.read_text().replace('archive = "places/archive"', f'archive = "{tmp_path / "far"}"')
    text = text.replace("\n[places]", '\nmetrics = "/srv/prometheus/beleg.prom"\n\n[places]')
    settings.write_text(f'{text}\n[heads]\ncopy_to = ["{notary}", "s3://heads/beleg"]\n')
    unit = schedules(load(named), folder=named, program=BELEG)["systemd"]
    written = re.findall(r'^ReadWritePaths=-"(.*)"$', unit, re.MULTILINE)
    escaped = str(named).replace('"', r"\"").replace("%", "%%")
    assert set(written) == {escaped, str(tmp_path / "far"), str(notary), "/srv/prometheus"}
    assert "PrivateTmp=no" in unit, "the archive of this test lies in /tmp"
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd-analyze here")
    file = tmp_path / "beleg-collect.service"
    file.write_text(unit)
    done = subprocess.run(
        ["systemd-analyze", "verify", str(file)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.parametrize(
    "named",
    [
        '[sources.w]\nkind = "mastodon"\nurl = "https://m.example"\naccount = "a"\nsecret = "file:/root/token"\n',
        '[mail]\npassword = "file:/home/beleg/mail"\n',
        '[alerts]\ncommand = ["/home/beleg/tell.sh"]\n',
        '[[time.authorities]]\nname = "one"\nurl = "https://t.example"\nroots = "/home/beleg/one.pem"\n',
    ],
    ids=["secret", "mail", "alerts", "roots"],
)
def test_the_unit_lets_be_read_what_the_settings_name(beleg: Beleg, archive: Path, named: str) -> None:
    settings, folder = archive / "beleg.toml", Path("/srv/beleg")
    before = schedules(load(archive), folder=folder, program="/usr/bin/beleg")["systemd"]
    assert "ProtectHome=yes" in before
    settings.write_text(f"{settings.read_text()}\n{named}")
    unit = schedules(load(archive), folder=folder, program="/usr/bin/beleg")["systemd"]
    assert "ProtectHome=read-only" in unit


def test_a_file_with_a_secret_is_found_from_any_folder(
    beleg: Beleg, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    given = ("--url", "https://m.example", "--account", "a", "--only", "*")
    assert beleg("source", "add", "werk", "mastodon", *given, "--secret", "file:token").code == 0
    assert beleg("source", "list", "--json").json[0]["secret"] == f"file:{tmp_path / 'token'}"
