"""Whose repository is read: a rule for the account counts under each of its names."""

from dataclasses import dataclass

import httpx
import pytest

from archive.channels.live.bluesky import BlueskySource
from archive.channels.live.web import Web
from archive.errors import Refused
from archive.services.agreed.accounts import ruled
from archive.sources import SourceSettings
from schemas.keeping import AccountRule, Policy

DID, HANDLE = "did:plc:werk", "werk.example"


@dataclass
class Server:
    """A server of one account."""

    handle: str = HANDLE

    def answer(self, request: httpx.Request) -> httpx.Response:
        told = {"did": DID, "handle": self.handle, "rev": "3k2"}
        return httpx.Response(200, stream=httpx.ByteStream(httpx.Response(200, json=told).content))


@pytest.mark.parametrize(("account", "private"), [(HANDLE, DID), (DID, HANDLE), (f"@{HANDLE}", HANDLE)])
def test_a_private_account_is_private_under_each_of_its_names(account: str, private: str) -> None:
    rules = (
        AccountRule(channel="bluesky", account=private, use="private"),
        AccountRule(channel="bluesky", account="*", use="business"),
    )
    settings = SourceSettings(
        kind="bluesky", url="https://pds.example", account=account, only=("repository",)
    )
    rule = ruled(Policy(reason="x", accounts=rules), settings)
    web = Web(client=httpx.Client(transport=httpx.MockTransport(Server().answer)))
    source = BlueskySource(rule.settings, web)
    with pytest.raises(Refused, match="another of its names"):
        next(source.collect(None))
    assert next(source.test()).given == "no"
