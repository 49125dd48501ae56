"""Memory does not grow with the input: 50 MB and 200 MB of each form that a reader streams."""

import base64
import json
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest

from tests.channels.large import LARGE
from tests.channels.large import write as grow
from tests.channels.own import MAIL, OWN

ALLOWED_MB = 40
"""Four times the input may cost this much more; the buffers of the allocator vary by some."""
_READ = """
import sys
from pathlib import Path
from archive.channels import CHANNELS
from archive.ports import ReadOptions
from archive.reading.private import without
from archive.reading.tree import Tree
[channel] = [one for one in CHANNELS if one.name == sys.argv[1]]
with Tree.open(Path(sys.argv[2])) as tree:
    seen = without(tree, channel.private(tree))
    count = sum(len(getattr(reading, "items", ())) for reading in channel.read(seen, ReadOptions(timezone="UTC")))
assert count > int(sys.argv[3]), count
# Not ru_maxrss: that of a process begins with the memory of the one that started it.
print(int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) // 1024)
"""


def telegram(file: BinaryIO, size: int) -> None:
    chat = json.loads(OWN["telegram"].files["result.json"])
    said = chat.pop("messages")[0]
    file.write(json.dumps(chat)[:-1].encode() + b', "messages": [')
    number = 0
    while file.tell() < size:
        file.write(
            (b"," if number else b"") + json.dumps(said | {"id": number, "text": "Hallo " * 100}).encode()
        )
        number += 1
    file.write(b"]}")


def signal(file: BinaryIO, size: int) -> None:
    *head, _, last = OWN["signal"].files["main.jsonl"].split(b"\n")
    file.write(b"\n".join(head) + b"\n")
    number = 0
    while file.tell() < size:
        file.write(
            last.replace(b"1709539300000", str(1709539300000 + number).encode()).replace(b"Ja", b"Ja " * 200)
            + b"\n"
        )
        number += 1


def table(file: BinaryIO, size: int) -> None:
    file.write(b"Datum;Absender;Nachricht;ID\n")
    number = 0
    while file.tell() < size:
        file.write(b'03.02.2025 09:15;Anna;"' + b"Guten Tag; " * 60 + b'";%d\n' % number)
        number += 1


def mbox(file: BinaryIO, size: int) -> None:
    number = 0
    while file.tell() < size:
        head = b"From a@x.example Mon Mar 11 08:00:12 2024\nMessage-ID: <%d@x.example>\n" % number
        file.write(head + MAIL + b"Text und mehr Text\n" * 60 + b"\n")
        number += 1


def xmpp(file: BinaryIO, size: int) -> None:
    number = 0
    while file.tell() < size:
        file.write(
            b"<message xmlns='jabber:client'><result xmlns='urn:xmpp:mam:2' id='%d'><forwarded>"
            b"<delay stamp='2024-03-04T09:00:00Z'/><message from='a@x.example' to='b@x.example'>"
            b"<body>%b</body></message></forwarded></result></message>\n" % (number, b"Hallo " * 60)
        )
        number += 1


def warc(file: BinaryIO, size: int) -> None:
    page = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>" + b"Hallo " * 100
    number = 0
    while file.tell() < size:
        file.write(
            b"WARC/1.1\r\nWARC-Type: response\r\nWARC-Record-ID: <%d>\r\nWARC-Date: 2024-03-04T09:00:00Z\r\n"
            b"WARC-Target-URI: https://x.example/%d\r\nContent-Type: application/http\r\n"
            b"Content-Length: %d\r\n\r\n%b\r\n\r\n" % (number, number, len(page), page)
        )
        number += 1


def mails_with_scans(file: BinaryIO, size: int) -> None:
    """Mails of four megabytes, as a company's mailbox of years holds them."""
    scan = base64.encodebytes(random.Random(size).randbytes(3 << 20))
    number = 0
    while file.tell() < size:
        file.write(
            b"From a@x.example Mon Mar 11 08:00:12 2024\nMessage-ID: <%d@x.example>\nFrom: a@x.example\n"
            b"Subject: Scan %d\nDate: Mon, 11 Mar 2024 08:00:12 +0100\nMIME-Version: 1.0\n"
            b"Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/plain\n\nAnbei\n--x\n"
            b'Content-Type: application/pdf; name="scan.pdf"\nContent-Transfer-Encoding: base64\n\n'
            b"%b--x--\n\n" % (number, number, scan)
        )
        number += 1


def peak(channel: str, path: Path, more_than: int = 10_000) -> int:
    done = subprocess.run(
        [sys.executable, "-c", _READ, channel, str(path), str(more_than)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    return int(done.stdout)


@pytest.mark.long
@pytest.mark.parametrize(
    ("channel", "name", "write"),
    [
        ("telegram", "result.json", telegram),
        ("signal", "main.jsonl", signal),
        ("table", "x.csv", table),
        ("email", "x.mbox", mbox),
        ("xmpp", "mam.xml", xmpp),
        ("web", "seiten.warc", warc),
    ],
)
def test_four_times_the_input_costs_no_more_memory(
    channel: str, name: str, write: Callable[[BinaryIO, int], None], tmp_path: Path
) -> None:
    peaks = []
    for megabytes in (50, 200):
        path = tmp_path / name
        with path.open("wb") as file:
            write(file, megabytes * 1_000_000)
        peaks.append(peak(channel, path))
        path.unlink()
    assert peaks[1] - peaks[0] < ALLOWED_MB, peaks
    assert peaks[1] < 400


@pytest.mark.long
@pytest.mark.parametrize("channel", LARGE)
def test_a_large_export_costs_no_more_memory_than_a_small_one(channel: str, tmp_path: Path) -> None:
    peaks = []
    for megabytes in (50, 200):
        folder = tmp_path / str(megabytes)
        units = grow(channel, folder, megabytes * 1_000_000)
        peaks.append(peak(channel, folder, units * 9 // 10))
        shutil.rmtree(folder)
    assert peaks[1] - peaks[0] < ALLOWED_MB, peaks
    assert peaks[1] < 400


@pytest.mark.long
def test_ten_gigabytes_take_no_more_memory_than_one(tmp_path: Path) -> None:
    peaks = []
    for gigabytes in (1, 10):
        path = tmp_path / "x.mbox"
        with path.open("wb") as file:
            mails_with_scans(file, gigabytes * 1_000_000_000)
        peaks.append(peak("email", path, gigabytes * 200))
        path.unlink()
    assert peaks[1] - peaks[0] < ALLOWED_MB, peaks
    assert peaks[1] < 400
