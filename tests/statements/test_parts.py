"""The parts of the finder by themselves: scanning, hits, what was said before, spans, forms of numbers, weights."""

from datetime import date, datetime
from importlib.resources import files
from zoneinfo import ZoneInfo

import pytest

from archive.errors import SettingsError
from archive.query.analysis import tokens
from archive.statements.before import Before, Looked
from archive.statements.entities import Country, find_entities
from archive.statements.finder import Finder, finder
from archive.statements.lexicon import compile_lexicon, lexicon
from archive.statements.model import Find, Message, Said
from archive.statements.number_words import german_value
from archive.statements.numbers import value_of
from archive.statements.patterns import Compiler
from archive.statements.proposals import Proposals
from archive.statements.scanning import Scanner
from archive.statements.sentences import Sentence, sentences
from archive.statements.spans import quotation

SENT = datetime(2024, 5, 14, 10, 0, tzinfo=ZoneInfo("Europe/Berlin"))
RULES = {
    "sides.toml": files("archive.statements").joinpath("lexicon", "sides.toml").read_text("utf-8"),
    "lists.toml": '[lists]\ncommon = ""\nfiller = "ja"\njoints = "und"\nopeners = "ich"\nbreaks = "aber"\n'
    'lead = ""\ntrail = ""\nstarts = ""\n'
    'tags_agree = ""\ntags_confirm = ""\nproposals = ["vorschlag"]\nbusiness = ["preis"]\n'
    'meetings = ["kaffee"]\ngives_way = "bricht"\n',
}  # fmt: skip


def cut(text: str) -> list[Sentence]:
    entities = find_entities(text, date(2024, 5, 14), Country())
    return sentences(text, tokens(text), entities, lambda word: word)


def small(rules: str) -> Finder:
    return Finder(compile_lexicon({**RULES, "rules.toml": rules}))


def said(text: str, found: Finder) -> list[str]:
    return [text[one.start : one.end] for one in found.find(Message(text, "me", SENT))]


class TestForms:
    @pytest.mark.parametrize(
        ("text", "form"),
        [
            ("das macht 340 komplett", "<sum>"),
            ("für 300", "<sum>"),
            ("wir sind 340 Leute da", "<qty>"),
            ("mach uns 25 Matten", "<num>"),
            ("Seite 340", "<num>"),
            ("seit 2019 dabei", "<num>"),
            ("nimm 3 davon", "<num>"),
            ("34 pro Kopf", "<rate>"),
        ],
    )
    def test_a_bare_sum_is_told_from_a_count(self, text: str, form: str) -> None:
        assert form in [unit.form for unit in cut(text)[0].units]

    @pytest.mark.parametrize(
        ("text", "sorts"),
        [
            ("we take 3 at 45 each", ["num", "money"]),
            ("3 at $45", ["num", "money"]),
            ("Lieferzeit 3 AT 45 Stück", ["period", "qty"]),
            ("in 5 at da", ["period"]),
        ],
    )
    def test_so_many_at_a_price_are_no_working_days(self, text: str, sorts: list[str]) -> None:
        assert [one.sort for one in find_entities(text, SENT.date(), Country())] == sorts

    @pytest.mark.parametrize(
        ("text", "times"),
        [
            ("see you at 3 o'clock", ["at 3 o'clock"]),
            ("zwischen 8-10 Uhr, sonst um halb 5", ["zwischen 8-10 Uhr", "um halb 5"]),
            ("um 5 Euro", []),
            ("17:30, gegen 18 uhr oder 07:5", ["17:30", "gegen 18 uhr"]),
        ],
    )
    def test_times_with_the_word_before_them(self, text: str, times: list[str]) -> None:
        found = find_entities(text, SENT.date(), Country())
        assert [text[one.start : one.end] for one in found if one.sort == "time"] == times

    @pytest.mark.parametrize(
        ("word", "value"),
        [
            ("hundertachtzig", 180),
            ("zweiundvierzig", 42),
            ("siebzehnhundert", 1700),
            ("zwölfhundertfünfzig", 1250),
            ("dreitausendvierhundert", 3400),
        ],
    )
    def test_numbers_written_as_one_word(self, word: str, value: int) -> None:
        assert value_of(word) == value

    @pytest.mark.parametrize(
        ("text", "period"),
        [("see you at three", False), ("3 volle wo", True), ("zwei bis drei j", True), ("5 AT", True)],
    )
    def test_a_short_unit_is_one_behind_its_number(self, text: str, *, period: bool) -> None:
        assert ("period" in Scanner(lexicon()).scanned(text).sorts) is period

    def test_other_words_are_no_numbers(self) -> None:
        assert [german_value(word) for word in ("hunde", "einverstanden", "tausendsassa", "undzwanzig")] == [
            None
        ] * 4

    def test_the_number_of_an_order_leaves_its_word_alone(self) -> None:
        assert [unit.form for unit in cut("Ihr Angebot 2023-618 passt")[0].units] == [
            "ihr",
            "angebot",
            "<order>",
            "passt",
        ]


class TestScanner:
    def test_it_gives_the_sorts_that_words_may_be(self) -> None:
        assert "period" in Scanner(lexicon()).scanned("fünf Jahre").sorts
        assert Scanner(lexicon()).scanned("nix los heute").sorts == {"date"}

    def test_cents_and_signs_make_money(self) -> None:
        for text in ("kostet 12,50", "10 Becher à 38", "4 tubs @ 21"):
            assert "money" in Scanner(lexicon()).scanned(text).sorts

    def test_a_rule_does_not_reach_over_the_end_of_a_sentence(self) -> None:
        scanner = Scanner(
            compile_lexicon({**RULES, "rules.toml": '[[rule]]\nkind = "price"\nfind = ["guter preis"]\n'})
        )
        for text, reached in (("ein guter preis", True), ("ganz guter! kein preis", False)):
            assert (scanner.scanned(text).wanted != 0) is reached


class TestHits:
    def test_what_must_not_stand_beside_bars_a_rule(self) -> None:
        found = small(
            '[[rule]]\nkind = "price"\nfind = ["kostet"]\nwithout = ["gestern", "(hat .2 gesagt)"]\n'
        )
        assert said("das kostet viel", found) == ["das kostet viel"]
        assert said("das kostet gestern viel", found) == []
        assert said("er hat mir gesagt das kostet", found) == []

    def test_what_is_needed_does_not_widen_the_span(self) -> None:
        found = small('[[rule]]\nkind = "price"\nfind = ["kostet"]\ntight = true\nneeds = ["viel"]\n')
        assert said("das kostet dich viel", found) == ["kostet"]
        assert said("das kostet dich", found) == []

    def test_points_are_weighed(self) -> None:
        weights = '["+2 paket", "+1 dir|euch", "-3 urlaub"]'
        rule = f'[[rule]]\nkind = "delivery"\nfind = ["<date>"]\nweigh = {weights}\nleast = 3\n'
        assert said("morgen ist das paket bei euch", small(rule)) == ["morgen ist das paket bei euch"]
        assert said("morgen ist das paket da", small(rule)) == []
        assert said("morgen kommt euch das paket in den urlaub", small(rule)) == []

    @pytest.mark.parametrize("weight", ["2 ware", "+x ware", "+2", "++2 ware"])
    def test_a_weight_without_points_is_told(self, weight: str) -> None:
        with pytest.raises(SettingsError, match="must begin with its points"):
            small(f'[[rule]]\nkind = "price"\nfind = ["kostet"]\nweigh = ["{weight}"]\n')

    def test_a_choice_of_words_is_looked_up(self) -> None:
        compiler = Compiler({"viel": ["mehr", "viel"]}, frozenset())
        assert compiler.compile("@viel|<money>", "here").plain == {"mehr", "viel", "<money>", "<rate>"}
        assert [
            compiler.compile(text, "here").plain
            for text in ("mehr*", "mehr geld", "^ mehr", "(mehr|so viel)")
        ] == [None] * 4


class TestBefore:
    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("der vorschlag zum preis", {"proposal"}),
            ("80, weil du es bist", {"proposal"}),
            ("komme um 80", set()),
            ("bin in 15 min da", set()),
        ],
    )
    def test_figures_and_words_propose(self, text: str, told: set[str]) -> None:
        assert Proposals(compile_lexicon(RULES).lists).told(text, []) == told

    def test_who_only_asks_proposes_nothing(self) -> None:
        asks = Find("warranty", "requested", 0, 5, 50, (), "a rule", ())
        told = Proposals(lexicon().lists).told("gibts noch garantie", [asks])
        assert told == {"warranty", "ask:warranty", "only:warranty"}

    def test_what_was_looked_at_is_remembered(self) -> None:
        asked: list[str] = []

        def find(message: Message) -> list[Find]:
            asked.append(message.text)
            return []

        looked = Looked(find, Proposals(lexicon().lists))
        for _ in range(2):
            before = Before(looked, Message("ok", "me", SENT, [Said("them", "300 und er gehört dir")]))
            assert before.holds(["proposal"])
            assert before.answered == 0
        assert asked == ["300 und er gehört dir"]

    def test_own_words_are_not_answered(self) -> None:
        before = Before(
            Looked(lambda _: [], Proposals(lexicon().lists)),
            Message("ok", "me", SENT, [Said("me", "300 komplett")]),
        )
        assert not before.holds(["proposal"])

    def test_the_same_figures_repeat_an_offer(self) -> None:
        before = Before(
            Looked(lambda _: [], Proposals(lexicon().lists)),
            Message("", "me", SENT, [Said("them", "450 und 20 Stück")]),
        )
        assert before.repeats("ja 450")
        assert not before.repeats("400")
        assert not before.repeats("450 aber ohne Versand")


def test_quotation_marks_hold_the_words() -> None:
    text = 'er schrieb "du hast fünf Jahre Garantie" und ging'
    inside = text.index("du hast"), text.index('" und')
    assert quotation(text, *inside) == inside
    assert quotation(text, 0, 9) is None


class TestAnswers:
    """A short answer is what was asked for: a yes to a proposal accepts it, a yes to a question gives the term."""

    @pytest.mark.parametrize(
        ("before", "answer", "kind", "modality"),
        [
            (
                "Konzept 1.800, Umsetzung 4.200. Können wir loslegen?",
                "ja bitte loslegen",
                "acceptance",
                "promised",
            ),
            ("oak is 400 more", "oak it is", "acceptance", "promised"),
            ("60 für beide?", "nee lass mal", "refusal", "refused"),
            ("12k for the line", "we're out", "refusal", "refused"),
            ("10.000 stk à 0,42", "bei 0,40 sind wir dabei", "acceptance", "conditional"),
            ("gibts auf den lack noch garantie?", "ja freilich", "warranty", "promised"),
            ("is there still warranty on the paint?", "no sorry", "warranty", "refused"),
            ("do you take it back if it doesn't fit?", "of course", "return_refund", "promised"),
            ("kannst du am dienstag liefern?", "klar", "delivery", "promised"),
        ],
    )
    def test_it_decides_the_kind(self, before: str, answer: str, kind: str, modality: str) -> None:
        found = finder().find(Message(answer, "me", SENT, [Said("them", before)]))
        assert (kind, modality) in {(one.kind, one.modality) for one in found}

    @pytest.mark.parametrize(
        ("before", "answer"),
        [
            ("mittag um 12 beim italiener?", "passt"),
            ("bin in 10 min da", "ok"),
            ("training fällt heut aus", "alles klar"),
            ("500 für beide", "muss ich drüber nachdenken"),
        ],
    )
    def test_small_talk_and_putting_off_are_nothing(self, before: str, answer: str) -> None:
        assert finder().find(Message(answer, "me", SENT, [Said("them", before)])) == []


class TestClasses:
    """What gives way, what mends it, what costs nothing: any words of these classes make the statement."""

    @pytest.mark.parametrize(
        ("text", "kind", "modality"),
        [
            ("wenn das lager nochmal knackt bau ich dir gratis ein neues rein", "warranty", "promised"),
            ("binnen zwei jahren komm ich umsonst vorbei wenn da was klemmt", "warranty", "promised"),
            ("stitching comes undone? bring it in, I'll redo it for nowt", "warranty", "promised"),
            ("op den disch hest du fief johr garantie", "warranty", "promised"),
            ("Sollte der Fehler auftreten, ersetzen wir das Gerät kostenlos", "warranty", "promised"),
            ("Wenn Sie die Wartung bei uns machen, verlängern wir die Garantie auf 5 Jahre", "warranty", "conditional"),
            ("fredag krist dat regal", "delivery", "promised"),
            ("wenn ihr bis freitag liefern könnt nehm ich 10", "order", "conditional"),
            ("95 der festmeter", "price", "promised"),
            ("bei dem preis bleibts", "price", "promised"),
            ("wenns nicht hält mach ichs nochmal umsonst", "warranty", "promised"),
            ("if it's not right we'll come back and fix it", "warranty", "promised"),
            ("das kostet dich keinen cent", "price", "promised"),
            ("Ihr Angebot sagt uns zu, bitte ausführen", "acceptance", "promised"),
            ("host ja no garantie bis november", "warranty", "promised"),
        ],
    )  # fmt: skip
    def test_they_carry_the_rules(self, text: str, kind: str, modality: str) -> None:
        found = finder().find(Message(text, "me", SENT))
        assert (kind, modality) in {(one.kind, one.modality) for one in found}

    def test_the_question_before_is_the_case(self) -> None:
        text = "display springt? erste 6 monate reparier ich das kostenfrei"
        found = [one for one in finder().find(Message(text, "me", SENT)) if one.kind == "warranty"]
        assert [text[one.start : one.end] for one in found] == [text]

    @pytest.mark.parametrize(
        "text",
        [
            "Falls die Pumpe ausfällt, ersetzen wir sie kostenlos",
            "Should the unit mist up within ten years, we shall replace it without charge",
        ],
    )
    def test_a_warranty_takes_in_its_case(self, text: str) -> None:
        assert said(text, finder()) == [text]

    @pytest.mark.parametrize(
        "text", ["für 4 riesen gehört er dir", "last number: 4 grand for the lot, take it"]
    )
    def test_a_thousand_in_slang_is_money(self, text: str) -> None:
        found = finder().find(Message(text, "me", SENT))
        assert {one.kind for one in found} == {"offer", "price"}
        assert all(one.values["amount"] == 4000 for one in found)

    @pytest.mark.parametrize(
        ("asked", "answer", "parts"),
        [
            ("kannst du am samstag?", "samstag ist blöd, sonntag geht", ["samstag ist blöd", "sonntag geht"]),
            ("schaffst du das bis montag?", "montag geht nicht, aber dienstag", ["montag geht nicht", "dienstag"]),
        ],
    )  # fmt: skip
    def test_the_date_given_up_is_not_the_new_one(self, asked: str, answer: str, parts: list[str]) -> None:
        found = finder().find(Message(answer, "me", SENT, [Said("them", asked)]))
        assert [(one.modality, answer[one.start : one.end]) for one in found] == [
            ("refused", parts[0]), ("promised", parts[1]),
        ]  # fmt: skip
