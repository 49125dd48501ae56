"""Every real export that lies beside the repository: counted by hand or with grep, and pinned."""

from pathlib import Path

import pytest

from archive.channels import CHANNELS

READERS = {channel.name: channel for channel in CHANNELS}

WHATSAPP = {
    # file: (units read, failed, items by a person, system items)
    "authored_de_ios_edge_chat.txt": (12, 0, 9, 3),
    "chatanalytics_2A_5M.txt": (5, 0, 5, 0),
    "chatistics_chat.txt": (21, 0, 20, 1),
    "chatistics_chat_3.txt": (11, 0, 9, 2),
    "chatminer_test_[mmddyy]_24hrs.txt": (9, 0, 7, 2),
    "chatminer_test_ddmmyy_24hrs.txt": (9, 0, 7, 2),
    "chatminer_test_mmddyyyy_12hrs.txt": (9, 0, 7, 2),
    "kawsay_android_chat.txt": (4, 0, 3, 1),
    "kawsay_ios_chat.txt": (8, 0, 7, 1),
    "langchain_whatsapp_chat.txt": (10, 0, 10, 0),
    "rwhatsapp_sample.zip": (9, 0, 7, 2),
    "whatsr_Languages.csv": (0, 1, 0, 0),
    "whatsr_englishiosampm.txt": (50, 0, 42, 8),
    "whatsr_germanandroid24h.txt": (50, 0, 42, 8),
    "whatsr_germanios24h.txt": (50, 0, 42, 8),
    "whatstk_lorem.txt": (500, 0, 500, 0),
    "whatstk_pokemon.txt": (20, 0, 18, 2),
}
"""The three ``whatsr_…`` chats are renderings of one conversation: 50 entries, 42 by people, 8 by the app."""
SLACK = {
    "authored_export_small": ((3, 0, 0), 3),
    "langchain_slack_export.zip": ((10, 0, 1), 5),
    "sev_testarchive.zip": ((164, 0, 30), 158),
}


@pytest.mark.parametrize("name", WHATSAPP)
def test_whatsapp(read, samples: Path, name: str) -> None:
    outcome = read(READERS["whatsapp"], samples / "whatsapp" / name, timezone="Europe/Berlin")
    units, failed, said, system = WHATSAPP[name]
    assert outcome.counts == (units, failed, 0)
    by_people = sum(item.event in ("posted", "deleted") for item in outcome.items)
    assert (by_people, len(outcome.items) - by_people) == (said, system)
    assert len({item.key for item in outcome.items}) == len(outcome.items)
    assert all(item.time is not None and item.time.utc for item in outcome.items)


@pytest.mark.parametrize("name", SLACK)
def test_slack(read, samples: Path, name: str) -> None:
    outcome = read(READERS["slack"], samples / "slack" / name)
    counts, items = SLACK[name]
    assert outcome.counts == counts
    assert len(outcome.items) == items
    assert len({item.key for item in outcome.items}) == items
    shown = "".join(item.model_copy(update={"raw": None}).model_dump_json() for item in outcome.items)
    assert "xoxe-" not in shown


def test_email(read, samples: Path) -> None:
    outcome = read(READERS["email"], samples / "email")
    assert outcome.counts == (96, 65, 0)
    units = outcome.by_member()
    assert len(units) == 160  # every file of the folder
    assert units.pop("enron-sample.mbox") == 2
    assert set(units.values()) == {1}
    left_out = [reading.member for reading in outcome.readings if getattr(reading, "reason", None)]
    assert sum(member.startswith("crisp/") for member in left_out) == 53  # bodies without a header
    assert not [member for member in left_out if member.endswith((".eml", ".mbox"))]
    notified = [dict(item.extra).get("notification_of") for item in outcome.items]
    assert notified.count("linkedin") == 1


def test_every_file_of_these_folders_is_named_here(samples: Path) -> None:
    assert {path.name for path in (samples / "whatsapp").iterdir()} == set(WHATSAPP)
    assert {path.name for path in (samples / "slack").iterdir()} == set(SLACK)


@pytest.mark.parametrize("folder", ["whatsapp", "slack", "email"])
def test_no_reader_stumbles_over_foreign_samples(read, samples: Path, folder: str) -> None:
    for channel in CHANNELS:
        for path in (samples / folder).iterdir():
            read(channel, path)
