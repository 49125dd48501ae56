"""A folder of much that cannot be read, and of equal files under two names: said clearly, and not by the thousand."""

import zipfile
from pathlib import Path

from tests.commandline.conftest import CHAT, Beleg


def test_the_first_failures_are_named_and_the_rest_is_counted(
    beleg: Beleg, archive: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "much"
    folder.mkdir()
    for number in range(70):
        (folder / f"empty{number:02}.txt").touch()
    done = beleg("ingest", folder)
    assert done.code == 3
    lines = done.err.strip().splitlines()
    assert len(lines) == 51
    assert "empty00.txt" in lines[0]
    assert "20 more" in lines[-1]
    [run] = beleg("ingest", folder, "--json").json
    assert (run["failed"], len(run["files"])) == (70, 70)


def test_equal_zips_under_two_names_are_told_across_the_runs_of_a_folder(
    beleg: Beleg, archive: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "from the phone"
    (folder / "work" / "general").mkdir(parents=True)
    day = '[{"type":"message","user":"U1","text":"Hallo","ts":"1738570000.000100"}]'
    (folder / "work" / "general" / "2025-02-03.json").write_text(day)
    for name in ("WhatsApp Chat - Lieferant.zip", "renamed.zip"):
        with zipfile.ZipFile(folder / name, "w") as packed:
            packed.writestr(zipfile.ZipInfo("_chat.txt"), CHAT)
    done = beleg("ingest", folder)
    assert done.out.count("whatsapp") == 2, "two runs"
    assert done.err.count("these bytes were in the archive already, and gave 3 items that were not") == 1
