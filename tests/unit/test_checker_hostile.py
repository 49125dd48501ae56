"""What verify.py is handed by somebody who wants it to stumble, or never to end."""

import os
from pathlib import Path
from types import ModuleType

import pytest
from asn1crypto import cms

from archive.core import timestamp
from archive.exporters.bundle import export_bundle
from tests import bundle_checker
from tests.authority import Stamper
from tests.bundle_material import small_archive
from tests.tools import Tools
from tests.unit.test_checker_proofs import checker

__all__ = ["checker"]


def test_a_certificate_that_no_parser_takes_is_a_finding(
    checker: ModuleType, tmp_path: Path, tools: Tools
) -> None:
    """Parsers have errors of their own for those, that are no ValueError."""
    tools.need("openssl")
    note = b"a note\n"
    request = timestamp.make_request(note)
    parsed = cms.ContentInfo.load(timestamp.token_in(Stamper(tmp_path / "one", "one").stamp(request)))
    for one in parsed["content"]["certificates"]:
        one.chosen["tbs_certificate"]["version"] = 7
    assert checker.attempt("the token", checker.check_token, parsed.dump(force=True), note, request) is None
    assert len(checker.findings) == 1


def test_a_seal_that_the_statement_does_not_name_does_not_belong(tmp_path: Path) -> None:
    """Anybody may seal what is not theirs, under any name."""
    out = tmp_path / "E-1"
    export_bundle(small_archive().given(), out)
    (out / "signatures/statement.p7s").write_bytes(b"seal")
    code, said = bundle_checker.run(out)
    assert (code, "statement.p7s: not listed, by the signed statement" in said) == (3, True), said


@pytest.mark.parametrize("name", ["signatures/checkpoint.txt", "bag/data/segments.jsonl"])
@pytest.mark.parametrize("link", [False, True])
def test_a_pipe_is_not_waited_for(tmp_path: Path, name: str, link: bool) -> None:
    out = tmp_path / "E-1"
    export_bundle(small_archive().given(), out)
    (out / name).unlink()
    os.mkfifo(tmp_path / "pipe" if link else out / name)
    if link:
        (out / name).symlink_to(tmp_path / "pipe")
    code, said = bundle_checker.run(out)
    assert (code, f"{name}: a link or device" in said) == (3, True), said


@pytest.mark.parametrize("option", ["--log-key", "--head"])
def test_a_name_that_no_file_can_have_is_wrong_use(tmp_path: Path, option: str) -> None:
    code, said = bundle_checker.run(tmp_path, option, "x" * 5000)
    assert (code, "error: " in said) == (2, True), said
