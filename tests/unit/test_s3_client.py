"""Asking an S3 server: what a person is told while it says nothing."""

import logging

import pytest
from botocore.exceptions import ReadTimeoutError

from archive.adapters import s3_client
from archive.adapters.s3_client import Transient, ask


@pytest.mark.parametrize(("seconds", "told"), [(60.0, True), (0.1, False)])
def test_a_long_silence_is_told(
    seconds: float, told: bool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    clock = iter([0.0, seconds])
    monkeypatch.setattr(s3_client.time, "monotonic", lambda: next(clock, seconds))

    def silent() -> None:
        raise ReadTimeoutError(endpoint_url="http://store")

    with caplog.at_level(logging.WARNING), pytest.raises(Transient, match="no answer"):
        ask(silent, "s3://bucket: name")
    assert ("s3://bucket: name: the store gave no answer for 60 s" in caplog.text) == told
