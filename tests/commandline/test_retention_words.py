"""What retention says: the same numbers when it counts, plans and runs; and what no class of later ends."""

from pathlib import Path

import pytest

from tests.commandline.conftest import Beleg
from tests.commandline.test_keeping import OLD, enacted

SHORT = """
reason = "works agreement"
[[classes]]
name = "short"
years = 1
statute = false
[[rules]]
name = "short"
channels = ["whatsapp"]
"""
NONE = 'reason = "nothing ends by time"\n'
OTHER = SHORT.replace('"whatsapp"', '"email"')


def agreed(beleg: Beleg, tmp_path: Path, text: str) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(text, encoding="utf-8")
    assert enacted(beleg, file).code == 0


def chat(beleg: Beleg, tmp_path: Path, name: str, text: str) -> None:
    file = tmp_path / f"WhatsApp Chat mit {name}.txt"
    file.write_text(text, encoding="utf-8")
    assert beleg("ingest", file, "--mine", "Anna").code == 0


@pytest.fixture
def held(beleg: Beleg, archive: Path, tmp_path: Path) -> Beleg:
    """Of one chat an item is held, so its neighbours stay; of another nothing is."""
    agreed(beleg, tmp_path, SHORT)
    chat(beleg, tmp_path, "Lieferant", OLD)
    chat(beleg, tmp_path, "Kunde", OLD.replace("Lieferant", "Kunde").replace("Garantie", "Rabatt"))
    beleg("matter", "open", "Pumpe", "--reason", "Klage")
    beleg("hold", "place", "M-1", "--query", "garantie", "--reason", "Klage", "--review", "2030-01-01")
    return beleg


def test_what_is_counted_is_what_the_plan_says_and_what_the_run_does(held: Beleg) -> None:
    found = held("retention", "plan", "--count", "--json").json
    assert (found["due"], found["held"]) == ([["short", 5]], 1)
    assert [(count, "held neighbour" in ground) for ground, count, _ in found["restricted"]] == [(2, True)]
    assert dict(found["counts"]) == {"items": 3, "containers": 1, "threads": 1}
    counted = held("retention", "plan", "--count").out.splitlines()
    planned = held("retention", "plan").out.splitlines()
    (erases,) = (line for line in counted if line.startswith("Would erase "))
    assert f"D-2: w{erases[1:]}" in planned
    stays = [line for line in counted if "stay restricted" in line]
    assert stays
    assert [line for line in planned if "stay restricted" in line] == stays
    for key in ("legal", "privacy"):
        assert held("retention", "release", "D-2", "--key", key).code == 0
    ran = held("retention", "run", "D-2").out.splitlines()
    assert ran[0].endswith(f": erases {erases.removeprefix('Would erase ')}")
    assert [line for line in ran if "stay restricted" in line] == stays


def test_samples_are_of_what_may_go(held: Beleg) -> None:
    found = held("retention", "plan", "--count", "--json").json
    kept = {hit["number"] for hit in held("search", "with:lieferant", "--json").json["hits"]}
    assert len(found["samples"]) == 3
    assert kept.isdisjoint(number for number, _, _ in found["samples"])


@pytest.mark.parametrize("before", [NONE, OTHER], ids=["without classes", "with others' classes"])
def test_no_class_of_later_ends_what_had_none_unless_two_signed_that(
    beleg: Beleg, archive: Path, tmp_path: Path, before: str
) -> None:
    agreed(beleg, tmp_path, before)
    chat(beleg, tmp_path, "Lieferant", OLD)
    agreed(beleg, tmp_path, SHORT)
    chat(beleg, tmp_path, "Kunde", OLD.replace("Lieferant", "Kunde").replace("Garantie", "Rabatt"))
    found = beleg("retention", "plan", "--count", "--json").json
    assert (found["late"], found["due"], dict(found["counts"])["items"]) == (3, [["short", 3]], 3)
    told = beleg("retention", "plan", "--count").out
    assert "3 items were sealed under a policy that gave them no class" in told
    assert "also_unclassed = true" in told
    agreed(beleg, tmp_path, f"also_unclassed = true\n{SHORT}")
    assert (
        "Ends      also what was sealed under a policy that gave it no class" in beleg("policy", "show").out
    )
    found = beleg("retention", "plan", "--count", "--json").json
    assert (found["late"], found["due"]) == (0, [["short", 6]])


def test_what_had_no_class_keeps_what_tells_of_it(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    """A second look at the same chat has a class; the first has none, and both are one thing."""
    agreed(beleg, tmp_path, NONE)
    chat(beleg, tmp_path, "Lieferant", OLD)
    agreed(beleg, tmp_path, SHORT)
    file = tmp_path / "later" / "WhatsApp Chat mit Lieferant.txt"
    file.parent.mkdir()
    file.write_text(OLD, encoding="utf-8")
    assert beleg("ingest", file, "--mine", "Berta").code == 0
    found = beleg("retention", "plan", "--count", "--json").json
    assert (found["late"], found["due"], found["counts"]) == (3, [["short", 3]], [])
    assert [count for ground, count, _ in found["restricted"] if "gave it no class" in ground] == [6]


def test_a_statute_of_later_stands_against_a_request_also_where_it_ends_nothing(
    beleg: Beleg, archive: Path, tmp_path: Path
) -> None:
    agreed(beleg, tmp_path, NONE)
    chat(beleg, tmp_path, "Lieferant", OLD)
    agreed(beleg, tmp_path, SHORT.replace("years = 1\nstatute = false", "years = 60"))
    (item,) = (hit["number"] for hit in beleg("search", "garantie", "--json").json["hits"])
    asked = beleg("erase", "request", "--item", str(item), "--ground", "17-1a")
    assert (asked.code, "class short, until 2075-12-31" in asked.out) == (5, True)
