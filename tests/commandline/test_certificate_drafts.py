"""The drafts of certificates in a bundle: facts filled in, nothing claimed that a person must know."""

import hashlib
from pathlib import Path

from tests.commandline.conftest import Beleg


def test_drafts_tell_the_facts_of_this_bundle(
    beleg: Beleg, archive: Path, chat: Path, tmp_path: Path
) -> None:
    assert beleg("ingest", chat).code == 0
    beleg("matter", "open", "Pumpe", "--reason", "Streit")
    beleg("search", "garantie", "--matter", "M-1")
    out = tmp_path / "out"
    done = beleg("export", "M-1", "--out", out, "--context", "±1", "--json").json
    digest = hashlib.sha256((out / "bag/manifest-sha256.txt").read_bytes()).hexdigest()
    _, size, *_ = (out / "signatures/checkpoint.txt").read_text().splitlines()
    for name, redactions in (("de", "keine"), ("en", "none")):
        text = (out / "certificates" / f"draft_{name}.txt").read_text(encoding="utf-8")
        for fact in (digest, size, "±1", "E-1", "M-1", "Europe/Berlin", str(done["records"]), redactions):
            assert fact in text
        assert "$" not in text, "every place is filled in"
        assert ("KEIN ZEITBEWEIS" in text, "NO TIME PROOF" in text) == (name == "de", name == "en")
        assert "____" in text, "name and signature are left to a person"
    assert beleg("verify", out).code == 0
    (out / "certificates" / "draft_de.txt").write_text("anders", encoding="utf-8")
    assert beleg("verify", out).code == 3
