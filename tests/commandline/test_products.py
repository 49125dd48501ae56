"""A download of all products of Google: what lies beside is nobody's export, and is not kept."""

import zipfile
from pathlib import Path

import pytest

from tests.channels.own import OWN
from tests.commandline.conftest import Beleg

CARD = b"BEGIN:VCARD\nFN:Petra Lang\nEND:VCARD\n"


@pytest.fixture
def kept(beleg: Beleg, monkeypatch: pytest.MonkeyPatch):
    """The names and bytes of the files that an ingestion kept."""
    from archive.services.ingest.captures import Captures

    found: dict[str, bytes] = {}
    add = Captures.__init__

    def heard(self, seen, tree, read, add_candidate, **more):
        def also(candidate):
            if candidate.open_content is not None:
                found[candidate.body.origin] = candidate.open_content().read()
            add_candidate(candidate)

        add(self, seen, tree, read, also, **more)

    monkeypatch.setattr(Captures, "__init__", heard)
    return found


def download(folder: Path, *, zipped: bool) -> Path:
    channels = (OWN["youtube"], OWN["google-chat"])
    files = {f"Takeout/{name}": data for one in channels for name, data in one.files.items()}
    files["Takeout/Kontakte/Alle Kontakte.vcf"] = CARD
    if zipped:
        with zipfile.ZipFile(folder / "takeout-20250203T091405Z-001.zip", "w", zipfile.ZIP_STORED) as out:
            for name, data in files.items():
                out.writestr(name, data)
        return folder / "takeout-20250203T091405Z-001.zip"
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder / "Takeout"


@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "folder"])
def test_the_contact_book_beside_is_named_and_not_kept(
    beleg: Beleg, archive: Path, tmp_path: Path, kept: dict[str, bytes], zipped: bool
) -> None:
    (tmp_path / "in").mkdir()
    done = beleg("ingest", download(tmp_path / "in", zipped=zipped))
    assert done.code == 3
    assert "Alle Kontakte.vcf: not recognised" in done.err
    assert done.out.count("1 items sealed") == 2
    assert kept, "what was read is kept"
    assert not any(CARD in data for data in kept.values())
