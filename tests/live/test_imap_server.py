"""What is asked of an IMAP server for the numbers of mails."""

import re

import pytest

from archive.channels.live.imap_server import ImapServer
from archive.sources import SourceSettings


class Client:
    """A folder with some UIDs."""

    def __init__(self, *uids: int) -> None:
        self.uids, self.asked = uids, 0

    def search(self, criteria: list[str]) -> list[int]:
        self.asked += 1
        first, last = map(int, re.fullmatch(r"(\d+):(\d+)", criteria[1]).groups())  # type: ignore[union-attr]
        return [uid for uid in self.uids if first <= uid <= last]


@pytest.mark.parametrize(
    ("uids", "following", "most"),
    [
        ((), 1, 0),
        ((1, 7, 8), 9, 1),
        ((1_700_000_000, 1_760_000_000), 1_760_000_001, 1),
        ((4, 4_294_967_294), None, 1),
        (tuple(range(1, 120_001)), 120_001, 3),
    ],
    ids=["none", "few", "UIDs that are times", "no UIDNEXT", "many"],
)
def test_all_numbers_are_had_by_few_questions(
    uids: tuple[int, ...], following: int | None, most: int
) -> None:
    settings = SourceSettings(kind="imap", url="imaps://mail.example", account="a", secret="env:X")
    server, client = ImapServer(settings, "secret"), Client(*uids)
    server._client = client  # type: ignore[assignment]
    told = {b"EXISTS": len(uids)} | ({b"UIDNEXT": following} if following else {})
    assert server.numbers(told) == frozenset(uids)
    assert client.asked == most
