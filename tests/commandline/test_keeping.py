"""Policies that two people sign, holds that two people release, and retention that nothing carries out by itself."""

from pathlib import Path

import httpx
import pytest

from tests.commandline.conftest import Answer, Beleg, replayed

OLD = """[03.02.15, 09:14:05] Anna: Guten Morgen
[03.02.15, 09:15:41] Lieferant: Da habt ihr fünf Jahre Garantie drauf
[03.02.15, 09:16:02] Anna: Die Rechnung liegt bei
"""
NEW = "[03.02.26, 09:14:05] Anna: Guten Abend\n"

POLICY = """
reason = "works agreement"
release_by_two = {by_two}
[[classes]]
name = "letter"
years = {letter}
[[classes]]
name = "voucher"
years = 8
[[rules]]
name = "letter"
channels = ["whatsapp"]
[[rules]]
name = "voucher"
query = "rechnung"
"""


def policy(tmp_path: Path, *, letter: int = 6, by_two: bool = False, extra: str = "") -> Path:
    file = tmp_path / "policy.toml"
    text = extra + POLICY.format(letter=letter, by_two=str(by_two).lower())
    file.write_text(text, encoding="utf-8")
    return file


def enacted(beleg: Beleg, file: Path) -> Answer:
    proposed = beleg("policy", "propose", file, "--json")
    assert proposed.code == 0, proposed.err
    number = proposed.json["id"]
    for key in ("legal", "privacy"):
        assert beleg("approve", number, "--key", key).code == 0
    return beleg("policy", "enact", number)


@pytest.fixture
def old(beleg: Beleg, archive: Path, tmp_path: Path) -> Path:
    file = tmp_path / "WhatsApp Chat mit Lieferant.txt"
    file.write_text(OLD, encoding="utf-8")
    return file


def numbers(beleg: Beleg, words: str) -> list[int]:
    return [hit["number"] for hit in beleg("search", words, "--json").json["hits"]]


def test_a_policy_counts_only_when_two_agreed(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    file = policy(tmp_path, extra='purposes = ["Revision"]\n')
    assert beleg("policy", "propose", file).code == 0
    seen = beleg("approve", "D-1", "--show")
    assert seen.code == 0
    for words in ("Purpose   demanded", "Rule      voucher for rechnung"):
        assert words in seen.out, "what is proposed, not what counts"
    refused = beleg("policy", "enact", "D-1")
    assert refused.code == 5
    assert "nobody" in refused.err
    beleg("approve", "D-1", "--key", "privacy")
    assert beleg("policy", "enact", "D-1").code == 5
    beleg("approve", "D-1", "--key", "owner")
    assert beleg("policy", "enact", "D-1").code == 0
    assert beleg("policy", "enact", "D-1").code == 2, "once"
    shown = beleg("policy", "show")
    assert "letter: 6 years from the end of the year, by law" in shown.out
    weaker = beleg("policy", "set", "--reason", "easier")
    assert weaker.code == 5, "the owner alone does not undo what two people signed"
    assert beleg("verify", "--level", "2").code == 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (('years = 6', 'years = 600'), "0 to 200 years"),
        (('name = "voucher"\nyears', 'name = "letter"\nyears'), "twice"),
        (('channels = ["whatsapp"]', ""), "says nothing"),
        (('channels = ["whatsapp"]', 'channels = ["whatsap"]'), "there is no channel whatsap"),
        (('channels = ["whatsapp"]', 'kinds = ["mial"]'), "asks for the kind 'mial'"),
        (('query = "rechnung"', 'query = "("'), "column"),
        (('years = 6', 'years = "six"'), "classes.0.years"),
        (('reason = "works agreement"', 'reason = " "'), "needs a reason"),
        (('reason =', 'allow = ["all"]\nreason ='), "not a rule"),
        (('reason =', 'second_person = ["Y-7"]\nreason ='), "there is no party Y-7"),
        (('reason =', 'surprise = 1\nreason ='), "surprise"),
    ],
)  # fmt: skip
def test_a_policy_that_contradicts_itself_is_refused(
    beleg: Beleg, archive: Path, tmp_path: Path, change: tuple[str, str], words: str
) -> None:
    file = policy(tmp_path)
    text = file.read_text(encoding="utf-8")
    assert change[0] in text
    file.write_text(text.replace(*change, 1), encoding="utf-8")
    done = beleg("policy", "propose", file)
    assert done.code == 2
    assert words in done.err


def test_retention_lets_go_exactly_what_was_released(
    beleg: Beleg, archive: Path, old: Path, tmp_path: Path
) -> None:
    assert enacted(beleg, policy(tmp_path)).code == 0
    assert beleg("ingest", old, "--mine", "Anna").code == 0
    new = tmp_path / "WhatsApp Chat mit Neu.txt"
    new.write_text(NEW, encoding="utf-8")
    beleg("ingest", new, "--mine", "Anna")
    beleg("matter", "open", "Pumpe", "--reason", "Klage")
    planned = beleg("retention", "plan", "--json")
    assert planned.code == 0, planned.err
    due = dict(planned.json["due"])
    assert due == {"letter": 2, "voucher": 1}
    assert {name: count for name, count, _ in planned.json["running"]} == {"letter": 1}
    plan = planned.json["plan"]["id"]
    assert beleg("retention", "run", plan).code == 5, "nobody released it"
    for key in ("legal", "privacy"):
        assert beleg("retention", "release", plan, "--key", key).code == 0
    assert beleg("retention", "run", plan).code == 0
    assert numbers(beleg, "garantie") == []
    assert len(numbers(beleg, "abend")) == 1
    assert beleg("verify", "--level", "2").code == 0
    assert beleg("retention", "plan", "--json").json["due"] == []


def test_the_german_classes_need_no_definition(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(
        'reason = "HGB"\n[[rules]]\nname = "book"\nkinds = ["note"]\n[[rules]]\nname = "voucher"\nkinds = ["mail"]\n',
        encoding="utf-8",
    )
    assert enacted(beleg, file).code == 0
    shown = beleg("policy", "show", "--json").json["policy"]["classes"]
    assert [(one["name"], one["years"], one["start"]) for one in shown] == [
        ("voucher", 8, "year_end"), ("book", 10, "year_end"),
    ]  # fmt: skip


def test_a_hold_keeps_what_is_due(beleg: Beleg, archive: Path, old: Path, tmp_path: Path) -> None:
    enacted(beleg, policy(tmp_path))
    beleg("ingest", old, "--mine", "Anna")
    beleg("matter", "open", "Pumpe", "--reason", "Klage")
    beleg("hold", "place", "M-1", "--query", "garantie", "--reason", "Klage", "--review", "2030-01-01")
    planned = beleg("retention", "plan", "--json")
    assert planned.json["held"] == 1
    assert planned.json["plan"]["targets"] == [], "the others lie in the same file as the held one"


def test_the_clock_is_fixed_when_sealed(beleg: Beleg, archive: Path, old: Path, tmp_path: Path) -> None:
    """A policy that is put in force later lengthens, and does not shorten."""
    enacted(beleg, policy(tmp_path, letter=30))
    beleg("ingest", old, "--mine", "Anna")
    assert enacted(beleg, policy(tmp_path, letter=1)).code == 0
    counted = beleg("retention", "plan", "--count", "--json").json
    assert counted["due"] == []
    assert {name: count for name, count, _ in counted["running"]} == {"letter": 3}


def test_a_statute_goes_before_a_request(beleg: Beleg, archive: Path, old: Path, tmp_path: Path) -> None:
    enacted(beleg, policy(tmp_path, letter=30))
    beleg("ingest", old, "--mine", "Anna")
    (item,) = numbers(beleg, "garantie")
    asked = beleg("erase", "request", "--item", str(item), "--ground", "17-1a")
    assert asked.code == 5
    assert "class letter, until 2045-12-31" in asked.out
    refused = beleg("erase", "run", "R-1")
    assert refused.code == 2
    assert "nothing that may go" in refused.err
    assert "RESTRICTED its erasure was asked for" in beleg("show", str(item)).out
    assert beleg("show", str(item), "--json").json["restricted"] == ["R-1: class letter until 2045-12-31"]
    (other,) = numbers(beleg, "rechnung")
    assert beleg("show", str(other), "--json").json["restricted"] == []


def test_a_hold_is_released_by_two_where_the_policy_says(
    beleg: Beleg, archive: Path, old: Path, tmp_path: Path
) -> None:
    enacted(beleg, policy(tmp_path, by_two=True))
    beleg("ingest", old, "--mine", "Anna")
    beleg("matter", "open", "Pumpe", "--reason", "Klage")
    beleg("hold", "place", "M-1", "--channel", "whatsapp", "--reason", "Klage", "--review", "2030-01-01")
    planned = beleg("hold", "release", "H-1", "--reason", "Vergleich")
    assert planned.code == 4
    assert "D-2" in planned.out
    beleg("approve", "D-2", "--key", "legal")
    again = beleg("hold", "release", "H-1", "--reason", "Vergleich")
    assert again.code == 5, "the same key twice is one person"
    assert beleg("status", "--json").json["holds"] == 1
    beleg("approve", "D-2", "--key", "privacy")
    assert beleg("hold", "release", "H-1", "--reason", "Vergleich").code == 0
    assert beleg("status", "--json").json["holds"] == 0


def test_a_release_past_the_policy_does_not_count(
    beleg: Beleg, archive: Path, old: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever holds the legal key alone writes a release into the ledger: the hold stands."""
    from archive.services import hold
    from archive.services.agreed import policies

    enacted(beleg, policy(tmp_path, by_two=True))
    beleg("ingest", old, "--mine", "Anna")
    beleg("matter", "open", "Pumpe", "--reason", "Klage")
    beleg("hold", "place", "M-1", "--channel", "whatsapp", "--reason", "Klage", "--review", "2030-01-01")
    with monkeypatch.context() as forged:
        forged.setattr(hold.policies, "needs_second", lambda *_: False)
        assert beleg("hold", "release", "H-1", "--reason", "allein").code == 0
    assert policies.needs_second is hold.policies.needs_second
    assert beleg("status", "--json").json["holds"] == 1
    (item,) = numbers(beleg, "garantie")
    assert "hold H-1" in beleg("erase", "request", "--item", str(item), "--ground", "x").out


def test_purposes_of_a_signed_policy(beleg: Beleg, archive: Path, old: Path, tmp_path: Path) -> None:
    beleg("ingest", old, "--mine", "Anna")
    enacted(beleg, policy(tmp_path, extra='purposes = ["Revision"]\n'))
    assert beleg("search", "garantie").code == 5
    assert beleg("search", "garantie", "--purpose", "Neugier").code == 5
    assert beleg("search", "garantie", "--purpose", "revision").code == 0


def test_the_allow_list_of_a_signed_policy(beleg: Beleg, archive: Path, old: Path, tmp_path: Path) -> None:
    enacted(beleg, policy(tmp_path, extra='allow = ["thread=Kunde*"]\n'))
    done = beleg("ingest", old, "--mine", "Anna", "--json")
    (report,) = done.json
    assert (report["items"], report["excluded"]) == (0, 3)
    assert "only thread=Kunde*" in str(report["policy"])


def test_sources_obey_the_allow_list_too(
    beleg: Beleg, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = b"""<feed xmlns="http://www.w3.org/2005/Atom"><id>urn:werk</id><title>Werk</title>
<entry><id>urn:1</id><title>Neu</title><updated>2025-03-03T09:00:00Z</updated><content>x</content></entry></feed>"""
    replayed(monkeypatch, lambda _: httpx.Response(200, content=feed))
    enacted(beleg, policy(tmp_path, extra='allow = ["thread=Kunde*"]\n'))
    assert beleg("source", "add", "werk", "feed", "--url", "https://werk.example/feed").code == 0
    (told,) = beleg("collect", "werk", "--json").json
    assert (told["items"], told["hauls"], told["stopped"]) == (0, 1, None)
    assert beleg("search", "Neu", "--purpose", "Revision", "--json").json["total"] == 0


def test_notices_and_report(beleg: Beleg, archive: Path, old: Path) -> None:
    beleg("ingest", old, "--mine", "Anna")
    beleg("party", "add", "Anna", "--side", "ours")
    beleg("matter", "open", "Pumpe", "--reason", "Klage")
    beleg("hold", "place", "M-1", "--party", "Y-1", "--reason", "Klage", "--review", "2030-01-01")
    assert beleg("hold", "notice", "H-1", "Y-1", "--acknowledged").code == 2, "not told yet"
    assert beleg("hold", "notice", "H-1", "Y-9").code == 2
    assert beleg("hold", "notice", "H-9", "Y-1").code == 2
    assert beleg("hold", "notice", "H-1", "Y-1", "--by", "mail", "--due", "2020-01-01").code == 0
    late = beleg("hold", "report")
    assert late.code == 3
    assert "OVERDUE" in late.out
    assert beleg("hold", "notice", "H-1", "Y-1", "--reminded").code == 0
    assert beleg("hold", "notice", "H-1", "Y-1", "--acknowledged").code == 0
    told = beleg("hold", "report", "--json")
    assert told.code == 0
    (one,) = told.json
    assert one["covered"] == 3
    assert one["told"][0]["acknowledged"]


def test_hold_check_sees_a_key_that_is_gone(beleg: Beleg, archive: Path, old: Path) -> None:
    from archive.core.keypage import parse_page, zero_slots

    beleg("ingest", old, "--mine", "Anna")
    beleg("matter", "open", "Pumpe", "--reason", "Klage")
    beleg("hold", "place", "M-1", "--channel", "whatsapp", "--reason", "Klage", "--review", "2030-01-01")
    good = beleg("hold", "check", "--json")
    assert good.code == 0, good.out
    assert (good.json["items"], good.json["records"]) == (3, 4)
    (page,) = (archive / "places" / "vault-copy").glob("keys/*/content/*")
    last = len(parse_page(page.read_bytes()).slots) - 1
    page.write_bytes(zero_slots(page.read_bytes(), [last]))
    bad = beleg("hold", "check")
    assert bad.code == 3
    assert "its key is gone from vault copy 2" in bad.out


def test_a_hold_after_an_erasure_is_told_what_went_before(beleg: Beleg, archive: Path, old: Path) -> None:
    beleg("ingest", old, "--mine", "Anna")
    beleg("matter", "open", "Pumpe", "--reason", "Klage")
    (item,) = numbers(beleg, "garantie")
    beleg("erase", "request", "--item", str(item), "--ground", "17-1a")
    for key in ("legal", "privacy"):
        beleg("approve", "D-1", "--key", key)
    ran = beleg("erase", "run", "R-1", "--json").json
    beleg("hold", "place", "M-1", "--channel", "whatsapp", "--reason", "Klage", "--review", "2030-01-01")
    (one,) = beleg("hold", "report", "--json").json
    assert one["erased_before"] == ran["erase"]
    assert one["covered"] == 2


def test_a_hold_of_present_items_only(beleg: Beleg, archive: Path, old: Path, tmp_path: Path) -> None:
    beleg("ingest", old, "--mine", "Anna")
    beleg("matter", "open", "Pumpe", "--reason", "Klage")
    beleg(
        "hold", "place", "M-1", "--channel", "whatsapp", "--present-only", "--reason", "Klage",
        "--review", "2030-01-01",
    )  # fmt: skip
    new = tmp_path / "WhatsApp Chat mit Neu.txt"
    new.write_text(NEW, encoding="utf-8")
    beleg("ingest", new, "--mine", "Anna")
    (later,), (held,) = numbers(beleg, "abend"), numbers(beleg, "garantie")
    assert beleg("erase", "request", "--item", str(held), "--ground", "x").code == 5
    assert beleg("erase", "request", "--item", str(later), "--ground", "x").code == 0


def test_status_reminds(
    beleg: Beleg, archive: Path, old: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reviews, acknowledgements, and grounds that ended by themselves."""
    from datetime import UTC, datetime, timedelta

    enacted(beleg, policy(tmp_path, letter=30))
    beleg("ingest", old, "--mine", "Anna")
    beleg("party", "add", "Anna", "--side", "ours")
    beleg("matter", "open", "Pumpe", "--reason", "Klage")
    (item,) = numbers(beleg, "garantie")
    beleg("erase", "request", "--item", str(item), "--ground", "17-1a")
    beleg("hold", "place", "M-1", "--party", "Y-1", "--reason", "Klage", "--review", "2027-01-01")
    beleg("hold", "notice", "H-1", "Y-1", "--due", "2027-01-31")
    calm = " ".join(beleg("status", "--json").json["warnings"])
    assert not any(word in calm for word in ("H-1", "R-1"))
    monkeypatch.setattr("archive.wiring.clock", lambda: datetime.now(UTC) + timedelta(days=365 * 25))
    told = " ".join(beleg("status", "--json").json["warnings"])
    assert "the review of H-1 is due since 2027-01-01" in told
    assert "Y-1 has not acknowledged H-1" in told
    assert f"R-1: item {item}: class letter ended on 2045-12-31; plan it again" in told


def test_a_class_by_party_lasts_though_the_party_wrote_long_ago(
    beleg: Beleg, archive: Path, tmp_path: Path
) -> None:
    """Were the greeting let go first, nothing would tell any more that the promise went to this party."""
    beleg("party", "add", "Petra", "--account", "whatsapp:Petra")
    file = tmp_path / "party.toml"
    file.write_text(
        'reason = "works agreement"\n[[rules]]\nname = "letter"\nparties = ["Y-1"]\n', encoding="utf-8"
    )
    assert enacted(beleg, file).code == 0
    for name, said in (("one", "[07.03.15, 09:00:00] Petra: Hallo\n[07.03.15, 09:01:00] Petra: Bis bald\n"),
                       ("two", "[07.03.26, 09:00:00] Bert: Zehn Jahre Gewährleistung\n")):  # fmt: skip
        chat = tmp_path / name / "WhatsApp Chat mit Projekt Pumpwerk.txt"
        chat.parent.mkdir()
        chat.write_text(said, encoding="utf-8")
        assert beleg("ingest", chat, "--mine", "Anna").code == 0
    counted = beleg("retention", "plan", "--count", "--json").json
    assert counted["due"] == [["letter", 1]]
    assert counted["running"] == [["letter", 2, "2032-12-31"]]


def test_no_setting_of_a_host_moves_the_end_of_a_year(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    """Half past midnight on New Year's Day in Berlin is still the old year in Greenwich."""
    chat = tmp_path / "WhatsApp Chat mit Neujahr.txt"
    chat.write_text("[01.01.20, 00:30:00] Anna: Prosit Neujahr\n[01.01.20, 00:31:00] Lieferant: Ebenso\n")
    assert beleg("ingest", chat, "--mine", "Anna").code == 0
    enacted(beleg, policy(tmp_path, letter=60))
    plan = beleg("retention", "plan", "--count", "--json").json
    assert plan["running"] == [["letter", 2, "2080-12-31"]]
    settings = archive / "beleg.toml"
    settings.write_text(settings.read_text(encoding="utf-8").replace("Europe/Berlin", "UTC"))
    assert beleg("retention", "plan", "--count", "--json").json == plan
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(f'timezone = "Europe/Berlim"\n{policy(tmp_path).read_text()}')
    assert "is not a time zone" in beleg("policy", "propose", wrong).err
