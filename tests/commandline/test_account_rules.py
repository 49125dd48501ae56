"""Which account may be collected, and what of it: rules in the signed policy, which beleg.toml can only tighten."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.commandline.conftest import Beleg
from tests.commandline.test_collect import Site, feed
from tests.commandline.test_collect import site as site
from tests.commandline.test_collect_bluesky_feed import View
from tests.commandline.test_collect_bluesky_feed import view as view
from tests.commandline.test_collect_slack import Workspace
from tests.commandline.test_collect_slack import workspace as workspace
from tests.commandline.test_collect_teams import CHAT, TEAM, Directory
from tests.commandline.test_collect_teams import add as add_teams
from tests.commandline.test_collect_teams import directory as directory
from tests.commandline.test_keeping import enacted


def rules(beleg: Beleg, tmp_path: Path, *accounts: str) -> None:
    file = tmp_path / "rules.toml"
    file.write_text('reason = "works agreement"\n' + "".join(f"[[accounts]]\n{one}\n" for one in accounts))
    done = enacted(beleg, file)
    assert done.code == 0, done.err


def collect(beleg: Beleg, code: int = 0) -> dict[str, Any]:
    done = beleg("collect", "werk", "--json")
    assert done.code == code, (done.out, done.err)
    return done.json[0]  # type: ignore[no-any-return]


def reports(beleg: Beleg) -> str:
    return str(beleg("coverage", "--json").json)


KNOWN_BEFORE = {
    *(
        "purpose_demanded",
        "purposes",
        "second_person",
        "release_by_two",
        "allow",
        "classes",
        "rules",
        "timezone",
    ),
    *("accounts", "reason", "channel", "account", "use", "parties", "only"),
}
"""What the first version of a policy with rules for accounts could say."""


@pytest.fixture
def slack(beleg: Beleg, archive: Path, workspace: Workspace) -> Path:
    beleg("source", "add", "werk", "slack", "--account", "Werk", "--secret", "env:SLACK", "--only", "*")
    workspace.post("Angebot")
    workspace.post("Speiseplan", channel="C0000002")
    return archive


def test_a_private_account_and_one_that_no_rule_names_are_not_collected(
    beleg: Beleg, slack: Path, tmp_path: Path, workspace: Workspace
) -> None:
    rules(beleg, tmp_path, 'channel = "slack"\naccount = "W*"\nuse = "private"')
    assert "private" in collect(beleg, code=5)["stopped"]
    rules(beleg, tmp_path, 'channel = "mastodon"\naccount = "*"\nuse = "business"')
    assert "not this one" in collect(beleg, code=5)["stopped"]
    assert not workspace.asked, "nothing was even asked for"
    assert "not this one" in reports(beleg), "it is on record"
    done = beleg("source", "test", "werk")
    assert done.code == 3
    assert "not this one" in done.out


def test_of_mixed_use_only_the_business_part_is_collected_and_the_rest_is_reported(
    beleg: Beleg, slack: Path, tmp_path: Path, workspace: Workspace
) -> None:
    rule = 'channel = "slack"\naccount = "Werk"\nuse = "mixed"\nonly = ["angebote"]\npurposes = ["Einkauf"]'
    rules(beleg, tmp_path, rule)
    told = collect(beleg)
    assert (told["items"], told["left_out"]) == (1, 1)
    assert beleg("search", "Speiseplan", "--json").json["total"] == 0
    assert not any(asked.get("channel") == "C0000002" for _, asked in workspace.asked)
    shown = beleg("policy", "show").out
    assert "slack Werk: mixed, by anybody, for Einkauf; business: angebote" in shown
    found = beleg("coverage", "--json").json
    assert not any("left out" in why for why in found["threads"][0]["because"]), "nothing of this channel was"
    assert found["sources"][0]["state"] == "partly"
    assert any("not business" in why and "kantine" in why for why in found["sources"][0]["because"])


def test_a_rule_counts_under_every_name_of_an_account(
    beleg: Beleg, slack: Path, tmp_path: Path, workspace: Workspace
) -> None:
    private = 'channel = "slack"\naccount = "U000ARCHIV"\nuse = "private"'
    business = 'channel = "slack"\naccount = "*"\nuse = "business"'
    rules(beleg, tmp_path, private, business)
    told = collect(beleg, code=5)
    assert (told["items"], "another of its names" in told["stopped"]) == (0, True)
    assert "another of its names" in beleg("source", "test", "werk").out
    rules(beleg, tmp_path, private.replace("U000ARCHIV", "U000OTHER"), business)
    assert collect(beleg)["items"] == 2


def test_beleg_toml_can_only_tighten(
    beleg: Beleg, archive: Path, tmp_path: Path, workspace: Workspace
) -> None:
    beleg("source", "add", "werk", "slack", "--account", "Werk", "--secret", "env:SLACK", "--only", "kantine")
    workspace.post("Angebot")
    workspace.post("Speiseplan", channel="C0000002")
    rules(beleg, tmp_path, 'channel = "slack"\naccount = "Werk"\nuse = "mixed"\nonly = ["angebote"]')
    told = collect(beleg)
    assert told["items"] == 0, "the rule lets the one through, beleg.toml the other"


def test_a_feed_is_its_address_whatever_beleg_toml_calls_it(
    beleg: Beleg, archive: Path, tmp_path: Path, site: str
) -> None:
    Site.body = feed(("1", "Privat"))
    private = f'channel = "feed"\naccount = "{site}"\nuse = "private"'
    rules(beleg, tmp_path, private, 'channel = "feed"\naccount = "*"\nuse = "business"')
    beleg("source", "add", "werk", "feed", "--url", site, "--account", "firmenblog")
    assert "private" in collect(beleg, code=5)["stopped"]


def test_a_public_account_is_judged_by_its_handle_and_by_its_lasting_name(
    beleg: Beleg, archive: Path, tmp_path: Path, view: View
) -> None:
    view.post("Privat")
    private = 'channel = "bluesky"\naccount = "did:plc:werk"\nuse = "private"'
    rules(beleg, tmp_path, private, 'channel = "bluesky"\naccount = "*"\nuse = "business"')
    beleg("source", "add", "werk", "bluesky-feed", "--account", "werk.example")
    told = collect(beleg, code=5)
    assert (told["items"], "another of its names" in told["stopped"]) == (0, True)
    done = beleg("source", "test", "werk")
    assert (done.code, "another of its names" in done.out) == (3, True)


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ('channel = "slack"\naccount = "*"\nuse = "mixed"', "what is business"),
        ('channel = "slack"\naccount = "*"\nuse = "business"\nonly = ["x"]', "what is business"),
        ('channel = "slack"\naccount = "*"\nuse = "secret"', "use"),
        ('channel = "slack"\naccount = "*"\nuse = "business"\nparties = ["Y-9"]', "Y-9"),
    ],
)
def test_rules_that_contradict_themselves_are_refused(
    beleg: Beleg, archive: Path, tmp_path: Path, rule: str, why: str
) -> None:
    file = tmp_path / "rules.toml"
    file.write_text(f'reason = "x"\n[[accounts]]\n{rule}\n')
    done = beleg("policy", "propose", file)
    assert done.code == 2
    assert why in done.err


def test_a_host_that_cannot_read_the_policy_obeys_the_one_that_it_was_handed(
    beleg: Beleg, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, site: str
) -> None:
    whole = tmp_path / "archive"
    for role in ("OWNER", "INGEST", "LEGAL", "PRIVACY", "AUDITOR", "RECOVERY"):
        monkeypatch.setenv(f"BELEG_PASSPHRASE_{role}", "a passphrase for tests")
    assert beleg("init", whole, "--split").code == 0
    keys = {file.stem: file for file in whole.rglob("*.key")}
    assert {"ingest", "owner", "legal", "privacy"} <= keys.keys()
    toml = whole / "beleg.toml"
    text = toml.read_text()

    def act(*roles: str, more: str = "") -> None:
        folder = tmp_path / "_".join(roles)
        folder.mkdir(exist_ok=True)
        for role in roles:
            (folder / f"{role}.key").write_bytes(keys[role].read_bytes())
        lines = [f'keys = "{folder}"' if line.startswith("keys =") else line for line in text.splitlines()]
        toml.write_text(more + "\n".join(lines) + "\n")

    source = f'\n[sources.werk]\nkind = "feed"\nurl = "{site}"\n'
    text += source
    Site.body = feed(("1", "Fünf Jahre Garantie"))
    act("owner", "legal", "privacy")
    file = tmp_path / "rules.toml"
    file.write_text('reason = "x"\n[[accounts]]\nchannel = "feed"\naccount = "*"\nuse = "business"\n')
    done = enacted(beleg, file)
    assert done.code == 0, done.err
    assert beleg("policy", "hand-out", tmp_path / "policy.json").code == 0
    handed = json.loads(json.loads((tmp_path / "policy.json").read_text())["policy"])
    told = {*handed, *(name for rule in handed["accounts"] for name in rule)}
    assert told <= KNOWN_BEFORE, "a host of before reads no policy that says what it does not know"
    again = beleg("policy", "hand-out", tmp_path / "policy.json")
    assert (again.code, "nothing is overwritten" in again.err) == (2, True)

    act("ingest")
    assert "cannot read it" in collect(beleg, code=5)["stopped"]
    act("ingest", more=f'policy = "{tmp_path / "policy.json"}"\n')
    assert collect(beleg)["items"] == 1
    forged = (tmp_path / "policy.json").read_text().replace("business", "private!")
    (tmp_path / "forged.json").write_text(forged)
    act("ingest", more=f'policy = "{tmp_path / "forged.json"}"\n')
    assert "not signed" in collect(beleg, code=5)["stopped"]

    act("owner", "legal", "privacy")
    file.write_text('reason = "y"\n[[accounts]]\nchannel = "feed"\naccount = "*"\nuse = "private"\n')
    assert enacted(beleg, file).code == 0
    act("ingest", more=f'policy = "{tmp_path / "policy.json"}"\n')
    assert "came into force since" in collect(beleg, code=5)["stopped"]


def test_a_rule_names_the_server_of_a_mailbox(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    """beleg.toml chooses the server: the same login name elsewhere is another account."""
    beleg(
        "source", "add", "werk", "imap", "--url", "imaps://mail.strange.invalid", "--account", "einkauf",
        "--secret", "env:MAIL", "--only", "*",
    )  # fmt: skip
    ours = 'channel = "email"\naccount = "einkauf"\nserver = "*.firm.example"\nuse = "business"'
    rules(beleg, tmp_path, ours)
    assert "not this one" in collect(beleg, code=5)["stopped"]
    shown = beleg("policy", "show").out
    assert "email einkauf on *.firm.example: business" in shown
    rules(beleg, tmp_path, ours.replace("*.firm.example", "*.STRANGE.invalid"))
    stopped = collect(beleg, code=2)["stopped"]
    assert "not this one" not in stopped, "the rule fits; there is no secret"
    file = tmp_path / "wrong.toml"
    file.write_text('reason = "x"\n[[accounts]]\n' + ours.replace("*.firm.example", "imaps://firm.example"))
    assert "name of a server" in beleg("policy", "propose", str(file)).err


PRIVATE, ALL = (
    'channel = "teams"\naccount = "{}"\nuse = "private"',
    'channel = "teams"\naccount = "*"\nuse = "business"',
)


def test_a_person_in_teams_is_judged_by_every_name_of_the_directory(
    beleg: Beleg, archive: Path, tmp_path: Path, directory: Directory
) -> None:
    add_teams(beleg, "*")
    directory.post("Unter vier Augen", CHAT)
    rules(beleg, tmp_path, PRIVATE.format("anna-number"), ALL)
    told = collect(beleg, code=5)
    assert (told["items"], "another of its names" in told["stopped"]) == (0, True)
    assert "another of its names" in beleg("source", "test", "werk").out
    directory.refused.add("/users/anna@werk.example")
    assert "User.ReadBasic.All" in collect(beleg, code=5)["stopped"]


def test_a_channel_of_teams_is_judged_by_its_team(
    beleg: Beleg, archive: Path, tmp_path: Path, directory: Directory
) -> None:
    """Whatever word beleg.toml gives for the account: the application sees every team of the directory."""
    add_teams(beleg, "*")
    directory.post("Angebot")
    rules(beleg, tmp_path, PRIVATE.format(TEAM), ALL)
    told = collect(beleg)
    assert (told["items"], told["left_out"]) == (0, 2)
    assert any("Angebote" in why for why in beleg("coverage", "--json").json["sources"][0]["because"])
    person = 'channel = "teams"\naccount = "anna@werk.example"\nuse = "business"'
    rules(beleg, tmp_path, person)
    assert collect(beleg)["items"] == 0, "no rule names the team"
    rules(
        beleg,
        tmp_path,
        person,
        f'channel = "teams"\naccount = "{TEAM}"\nuse = "mixed"\nonly = ["*/Angebote"]',
    )
    assert collect(beleg)["items"] == 1
