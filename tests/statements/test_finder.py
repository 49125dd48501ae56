"""What the finder finds: kinds, modality, spans, thread context, and why."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from archive.errors import SettingsError
from archive.statements.finder import finder
from archive.statements.lexicon import compile_lexicon, lexicon
from archive.statements.model import KINDS, MODALITIES, Find, Message, Said
from archive.statements.patterns import Compiler

SENT = datetime(2024, 5, 14, 10, 0, tzinfo=ZoneInfo("Europe/Berlin"))


def find(text: str, before: str | None = None, *, own: str | None = None) -> list[Find]:
    context = [Said("them", before)] if before else []
    context += [Said("me", own)] if own else []
    return finder().find(Message(text, "me", SENT, context))


def seen(text: str, before: str | None = None) -> set[tuple[str, str]]:
    return {(one.kind, one.modality) for one in find(text, before)}


class TestKinds:
    @pytest.mark.parametrize(
        ("text", "kind", "modality"),
        [
            ("da hast du 5 Jahre Garantie drauf, sag ich dir so zu", "warranty", "promised"),
            ("Für gebrauchte Teile geben wir keine Garantie", "warranty", "refused"),
            ("kriegen wir darauf auch 3 jahre garantie?", "warranty", "requested"),
            ("if it breaks within two years we replace it free of charge", "warranty", "promised"),
            ("Wir liefern die Ventile am Donnerstag", "delivery", "promised"),
            ("Wenn die Freigabe kommt, liefern wir am Montag", "delivery", "conditional"),
            ("vor Juli können wir leider nicht liefern", "delivery", "refused"),
            ("when will the parts be delivered?", "delivery", "requested"),
            ("der Kompressor kostet 2.400 € netto", "price", "promised"),
            ("bei Zahlung in 10 Tagen 2 % Skonto", "discount_payment", "promised"),
            ("hiermit bestellen wir 40 Kisten", "order", "promised"),
            ("wir bestätigen Ihre Bestellung 4711", "order_confirmation", "promised"),
            ("Wir nehmen Ihr Angebot an", "acceptance", "promised"),
            ("Ihr Angebot lehnen wir ab", "refusal", "refused"),
            ("in eurem Gebiet beliefern wir sonst niemanden", "exclusivity", "promised"),
            ("für Folgeschäden haften wir nicht", "liability_penalty", "refused"),
            ("hiermit kündigen wir den Wartungsvertrag", "cancellation", "promised"),
            ("unser Angebot ist freibleibend", "reservation", "promised"),
            ("wir setzen Ihnen eine Frist bis 31.5.", "deadline", "promised"),
            ("die Rechnung überweisen wir am Freitag", "payment_promise", "promised"),
            ("das war unser Fehler", "defect_admission", "promised"),
            ("please remove the photo from your page", "takedown", "requested"),
            ("we'll refund the full amount", "return_refund", "promised"),
        ],
    )  # fmt: skip
    def test_each_kind_is_found(self, text: str, kind: str, modality: str) -> None:
        assert (kind, modality) in seen(text)

    @pytest.mark.parametrize(
        "text",
        [
            "Wir können das leider nicht garantieren", "garantiert wieder so ein Montag",
            "die Garantie ist letztes Jahr abgelaufen", "ware ist gestern raus", "danke dir!", "👍", "ok", "", "…",
            "bin zu 90 prozent sicher", "the warranty ran out last year", "shipped yesterday",
            "ich bin morgen wieder da", "am Tor ist heute viel los",
            "der Monteur war bei euch und hat die Pumpe geprüft",
            "der Kollege ist bis 12.4. im Urlaub, danach melden wir uns",
        ],
    )  # fmt: skip
    def test_what_binds_nobody_is_passed_over(self, text: str) -> None:
        assert all(one.modality == "refused" for one in find(text))

    def test_misspelt_words_count(self) -> None:
        assert ("warranty", "promised") in seen("da habt ihr 5 jahre garanite drauf")
        assert ("warranty", "promised") in seen("Gewahrleistung lauft bei uns 24 Monate, das gilt")


class TestThread:
    def test_a_yes_accepts_only_what_was_proposed(self) -> None:
        (accepted,) = find("ja, passt so", "Ich kann dir die Pumpe für 1.250 Euro anbieten")
        assert (accepted.kind, accepted.modality, accepted.answers) == ("acceptance", "promised", 0)
        assert find("ja, passt so", "Treffen wir uns um 12 zum Mittagessen?") == []
        assert find("ja, passt so") == []
        assert find("ja, passt so", None, own="Ich kann dir die Pumpe für 1.250 Euro anbieten") == []

    def test_consent_with_a_change_is_conditional(self) -> None:
        assert ("acceptance", "conditional") in seen(
            "ok, aber nur wenn ihr liefert", "1.900 für den Stapler?"
        )

    def test_a_bare_date_answers_a_question_for_delivery(self) -> None:
        (answered,) = find("Donnerstag", "Wann könnt ihr liefern?")
        assert (answered.kind, answered.values["date"]) == ("delivery", "2024-05-16")


class TestSpans:
    def test_words_stand_in_the_text_without_greeting_and_point(self) -> None:
        text = "Hallo zusammen, wir liefern am Montag. Grüße"
        (found,) = find(text)
        assert text[found.start : found.end] == "wir liefern am Montag"

    def test_the_condition_belongs_to_it(self) -> None:
        text = "wenn ihr heute bestellt, liefern wir am Montag"
        (found,) = [one for one in find(text) if one.kind == "delivery"]
        assert text[found.start : found.end] == text

    def test_of_a_quotation_the_words_inside(self) -> None:
        text = 'auf eurer Seite steht "10 Jahre Garantie auf das Gestell"'
        (found,) = find(text)
        assert (text[found.start : found.end], found.modality) == (
            "10 Jahre Garantie auf das Gestell",
            "quoted",
        )

    def test_an_order_names_quantity_price_and_wished_date(self) -> None:
        found = {
            one.kind: one for one in find("hiermit bestellen wir 200 Stück zu 6,85, Lieferung bis 28.5.")
        }
        assert found["quantity"].values == {"quantity": 200, "unit": "piece"}
        assert found["price"].values == {"amount": 6.85, "currency": "EUR"}
        assert found["delivery"].modality == "requested"


class TestExplanation:
    def test_strength_adds_up_and_names_what_fired(self) -> None:
        (found,) = find("da hast du 5 Jahre Garantie drauf, sag ich dir so zu")
        assert found.strength == min(100, sum(points for _, points in found.parts))
        assert found.rule.startswith("de/warranty: ")
        assert any("sag ich dir so zu" in what for what, _ in found.parts)

    def test_a_promise_is_stronger_than_a_joke(self) -> None:
        (serious,), (joke,) = (
            find("wir geben 5 Jahre Garantie drauf"),
            find("klar, 5 Jahre Garantie drauf haha"),
        )
        assert serious.strength > joke.strength
        assert joke.modality == "hypothetical_or_joke"


class TestLexicon:
    def test_every_pattern_compiles_and_every_kind_has_rules_in_both_languages(self) -> None:
        read = lexicon()
        for _, pattern in (*read.patterns, *read.cue_patterns):
            assert pattern.regex
        for rule in read.rules:
            assert all(pattern.regex for pattern in (*rule.beside, *rule.without))
        for language in ("de", "en"):
            assert {rule.kind for rule in read.rules if rule.name.startswith(f"{language}/")} == set(KINDS)
        assert {cue.modality for cue in read.cues} >= set(MODALITIES) - {"promised"}

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("kind = 'price'\n[[rule]]\nfind = ['(a']", "do not close"),
            ("kind = 'price'\n[[rule]]\nfind = ['@nothing']", "no list @nothing"),
            ("kind = 'nothing'\n[[rule]]\nfind = ['a']", "needs a kind"),
            ("kind = 'price'\n[[rule]]\nfind = ['a']\ncolour = 1", "there is no colour"),
            ("kind = 'price'\n[[rule]]\nfind = ['.3']", "no word by which"),
            ("[[cue]]\nmodality = 'loud'\nfind = ['a']", "needs a modality"),
            ("kind = ", "Invalid value"),
            (
                "kind = 'price'\n[[rule]]\nname = 'a'\nfind = ['a']\n[[rule]]\nname = 'a'\nfind = ['b']",
                "another rule",
            ),
        ],
    )
    def test_a_mistake_in_a_file_is_named(self, text: str, said: str) -> None:
        with pytest.raises(SettingsError, match=r"lexicon/de/x\.toml") as error:
            compile_lexicon({"de/x.toml": text})
        assert said in str(error.value)

    def test_the_small_language(self) -> None:
        compiler = Compiler({"warranty": ["garantie*", "-garantiert"]}, frozenset(("der",)))
        pattern = compiler.compile("der|die .2 @warranty (ist|war sehr) gut?", "here")
        assert pattern.regex.search(" der alte garantieschein ist gut ")
        assert pattern.regex.search(" die , ganz alte garantie war sehr ")
        assert not pattern.regex.search(" die garantiert ist ")
        assert not pattern.regex.search(" der a b c garantie ist ")
        assert not pattern.regex.search(" der garantie war ")


@pytest.mark.parametrize(
    "chat",
    [
        "ok, bin gleich da",
        "alles klar, ich melde mich",
        "ja, ich ruf dich an",
        "ok schau ich mir an",
        "sure, let me check",
    ],
)
def test_who_speaks_of_something_else_after_an_offer_accepts_nothing(chat: str) -> None:
    offer = "Wir können die 20 Pumpen für 340 € das Stück anbieten, Lieferung bis Ende KW 22."
    said = {yes: seen(yes, offer) for yes in (chat, "ok", "ja gern")}
    assert said == {
        chat: set(), "ok": {("acceptance", "promised")}, "ja gern": {("acceptance", "promised")},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "kind", "modality"),
    [
        ("wir liefern nicht vor Freitag", "delivery", "conditional"),
        ("we'll deliver Friday at the earliest", "delivery", "conditional"),
        ("we'll deliver Friday, no promises", "delivery", "conditional"),
        ("Lieferung Freitag unverbindlich", "delivery", "conditional"),
        ("bitte liefert bis Freitag", "delivery", "requested"),
        ("der Hersteller gibt 5 Jahre Garantie", "warranty", "quoted"),
        ("mit 5 Jahren Garantie wäre ich dabei", "warranty", "conditional"),
        ("wir werden die Rechnung nicht bezahlen", "payment_promise", "refused"),
        ("hold off on the order of 20 pumps", "order", "negated"),
    ],
)
def test_what_binds_nobody_is_no_promise(text: str, kind: str, modality: str) -> None:
    assert [one.modality for one in find(text) if one.kind == kind] == [modality]


def test_too_much_for_the_buyer_is_no_price() -> None:
    assert [one.kind for one in find("450 is too much")] == []


@pytest.mark.parametrize(
    "answer",
    [
        "klingt gut, melde mich", "okay, danke für die Info", "ok ich überlegs mir", "ja das Angebot habe ich bekommen",
        "ja, morgen sag ich Bescheid", "sounds good, let me check with my boss", "ok thanks for letting me know",
    ],
)  # fmt: skip
def test_who_puts_it_off_or_has_read_it_accepts_nothing(answer: str) -> None:
    offer = "Wir bieten euch 20 Pumpen zu 450 Euro an, Lieferung KW 23"
    assert [one.kind for one in find(answer, offer)] == []


@pytest.mark.parametrize("answer", ["ja, passt so, melde mich wegen der Lieferung", "klingt gut, nehmen wir"])
def test_who_accepts_may_say_more(answer: str) -> None:
    offer = "Wir bieten euch 20 Pumpen zu 450 Euro an, Lieferung KW 23"
    assert ("acceptance", "promised") in seen(answer, offer)
