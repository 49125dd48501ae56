"""Which terms belong to a word, in German and English."""

import pytest

from archive.query.analysis import fold, terms
from archive.query.apart import apart
from archive.query.expansion import Vocabulary, WordTest
from archive.query.expansion import test_of as decide
from archive.query.plan import Wildcard


@pytest.mark.parametrize(
    ("word", "finds"),
    [
        (
            "Garantie",
            "Garantie Garantien Garantieverlängerung Herstellergarantie Herstellergarantien garantiert",
        ),
        ("Vertrag", "Vertrag Verträge Verträgen Vertrags Mietvertrag Mietverträge Vertragsende"),
        ("Verträge", "Vertrag Mietvertrag Mietverträge"),
        ("Zusage", "Zusage zusagen zugesagt zugesagte Zusagen"),
        ("zugesagt", "Zusage zusagen"),
        ("kündigen", "Kündigung gekündigt Kündigungsfrist kuendigen Kundigung"),
        ("Kundigung", "Kündigung kündigen Kündigungen"),
        ("geliefert", "liefern Lieferung liefert geliefert Lieferungen"),
        ("Gewährleistung", "gewährleistet Gewaehrleistung gewährleisten Gewährleistungsfrist"),
        ("Straße", "Strasse Straßen Hauptstraße"),
        ("Haus", "Häuser Haus Hause"),
        ("ausliefern", "ausgeliefert auszuliefern ausgelieferten Auslieferung"),
        ("zurückgenommen", "zurücknehmen zurückzunehmen zurücknahm Rücknahme Rücknahmen"),
        ("Rückerstattung", "rückerstattet zurückerstattet zurückerstatten"),
        ("liefern", "Teillieferungen ausgeliefert nachgeliefert Ersatzlieferung"),
        ("prüfen", "geprüft prüft prüfte Prüfung geprüfte"),
        ("genehmigen", "genehmigt Genehmigung genehmigte"),
        ("reparieren", "repariert Reparatur Reparaturen reparierte"),
        ("spezifizieren", "spezifiziert Spezifikation"),
        ("Angebot", "anbieten angeboten anzubieten anbietet"),
        ("übernehmen", "übernommen Übernahme Kostenübernahme übernimmt"),
        ("überweisen", "überwiesen Überweisung überweist"),
        ("Unterschrift", "unterschrieben unterschreiben Unterschriften"),
        ("versenden", "versandt versendet Versand"),
        ("Ersatz", "ersetzt ersetzen Ersatzteil"),
        ("vertrauen", "vertraut Vertrauen"),
        ("einbauen", "eingebaut einzubauen Einbau"),
        ("widerrufen", "widerrief Widerruf widerruft"),
        ("Widerspruch", "widersprochen widersprechen widerspricht"),
        ("Schadensersatz", "Schadenersatz Schadenersatzanspruch Schadensersatzes"),
        ("Anerkenntnis", "anerkannt anerkennen Anerkenntnisse"),
        ("Kulanz", "kulant kulanter Kulanzleistung"),
        ("ship", "shipped shipment shipping"),
        ("give", "gave given"),
        ("warranty", "warranties warranty warranted"),
        ("promise", "promised promises promising"),
        ("deliver", "delivered delivery deliveries"),
        ("anfechten", "Anfechtung angefochten anficht"),
        ("Bestechung", "bestochen bestechen besticht"),
        ("lügen", "gelogen Lüge"),
        ("Mahnung", "mahnen angemahnt Mahnbescheid Abmahnung"),
        ("Schaden", "beschädigt geschädigte Schäden"),
        ("erlaubt", "Erlaubnis erlauben"),
        ("Klage", "verklagt Kläger Beklagte geklagt Klageschrift"),
        ("Miete", "Mietzins vermietet Mietvertrag"),
        ("prüfen", "überprüft Überprüfung"),
        ("Zahlung", "zahlbar Anzahlung"),
        ("sue", "sued lawsuit"),
        ("injury", "injured injuries"),
        ("accept", "unacceptable acceptance"),
        ("penalty", "penalize penalties"),
        ("reduce", "reduction reduced"),
        ("delivery", "redelivery"),
        ("zulässig", "unzulässig"),
        ("garantie", "Herstellergarantieverlängerung"),
        ("vertrag", "Mietvertragsverlängerung Neuvertragsabschluss"),
        ("mangel", "Sachmängelhaftung Mängelrüge"),
        ("frist", "Lieferfristverlängerung Fristsetzung Nachfrist"),
        ("Übernahme", "Kostenübernahmeerklärung"),
        ("übernehmen", "Kostenübernahmeerklärung"),
        ("contract", "subcontractors contractual"),
        ("verhandeln", "verhandelt Verhandlung Verhandlungen"),
        ("Vermittlung", "vermitteln vermittelt"),
        ("say", "said says"),
        ("understood", "understand understanding"),
        ("notify", "notified notification notifications"),
        ("authorize", "authorised authorisation"),
        ("liability", "liable liabilities"),
        ("submission", "submitted submit"),
        ("sign", "signature signed"),
        ("preis", "Ölpreise Ölpreis"),
        ("vertrag", "Ölverträge"),
        ("montage", "Demontage"),
        ("aktiviert", "deaktiviert deaktivierte"),
        ("Mieter", "Exmieter"),
        ("registered", "deregistered"),
        ("Arbeit", "gearbeitet gearbeitete"),
        ("Antwort", "geantwortet"),
        ("leiste", "geleistet geleisteten"),
        ("brachte", "gebracht bringen"),
    ],
)
def test_a_word_finds_its_forms_compounds_and_family(word: str, finds: str) -> None:
    test = WordTest(terms(word)[0])
    assert [term for term in terms(finds) if not test.accepts(term)] == []


@pytest.mark.parametrize(
    ("word", "not_these"),
    [
        ("Garantie", "Garage Grant @garantie"),
        ("Kündigungsfrist", "Kündigung gekündigt Frist"),
        ("Haus", "Hausse Rathaus aus"),
        ("ja", "jahr jaja"),
        ("2024", "20240 12024"),
        ("a1", "a a1b"),
        ("Lieferant", "geliefert"),
        ("Rechnung", "rechnen gerechnet"),
        ("Forderung", "gefördert fördern"),
        ("Änderung", "andere anders"),
        ("Ersatz", "übersetzen versetzt"),
        ("Zusatz", "abzusetzen auszusetzen"),
        ("Nachlass", "nachgelesen nachlesen"),
        ("Geschäft", "Gesellschaft"),
        ("halten", "abgeschaltet umgeschaltet"),
        ("Markt", "Marken Marke"),
        ("Nacht", "nach"),
        ("Gewicht", "weichen"),
        ("Beleg", "Belag"),
        ("Wartung", "warten gewartet"),
        ("Sand", "gesendet senden"),
        ("order", "Forderung Anforderung erforderlich border"),
        ("lease", "please"),
        ("right", "bright fright"),
        ("event", "prevent"),
        ("teuer", "Steuer Steuern"),
        ("reise", "Preise Preisen"),
        ("Reisen", "Preisen Kreise"),
        ("haften", "Gesellschaften Gesellschaftenregister"),
        ("firma", "Konfirmation"),
        ("Zahlung", "Volkszählungsergebnis"),
        ("kauf", "Verkäufer"),
        ("weiter", "Erweiterung"),
        ("recht", "gerecht Gerechtigkeit"),
        ("mission", "emission"),
    ],
)
def test_a_word_leaves_others_alone(word: str, not_these: str) -> None:
    test = WordTest(terms(word)[0])
    assert [word for word in not_these.split() if test.accepts(fold(word))] == []


def test_what_is_searched_is_listed_sorted_and_once() -> None:
    vocabulary = Vocabulary(["vertrag", "mietvertrag", "vertraege", "vertrag", "x"])
    assert vocabulary.select(WordTest("vertrag")) == ("mietvertrag", "vertraege", "vertrag")
    assert Vocabulary([]).select(WordTest("vertrag")) == ()


@pytest.mark.parametrize(
    ("word", "terms_found", "asked"),
    [
        ("zusagen", (), "sagen pre/15 zu"),
        ("zugesagt", (), "sagen pre/15 zu"),
        ("zusage", ("zusage", "zusagen"), "sagen pre/15 zu"),
        ("zusage", ("zusage",), None),
        ("auszuliefern", (), "liefern pre/15 aus"),
        ("zurueckgenommen", (), "nehmen pre/15 zurueck"),
        ("abnahme", ("abgenommen", "abnahme"), "nehmen pre/15 ab"),
        ("abend", ("abend", "abends"), None),
        ("garantie", ("garantie",), None),
        ("liefern", ("ausliefern", "liefern"), None),
    ],
)
def test_a_verb_may_stand_apart(word: str, terms_found: tuple[str, ...], asked: str | None) -> None:
    assert apart(word, terms_found) == asked


def test_a_question_mark_stands_for_an_umlaut_however_it_is_written() -> None:
    words = terms(
        "Gewährleistung Gewaehrleistung Gewahrleistung Gewohrleistung Gewhrleistung Gewerhrleistung Masse Maße Maz"
    )
    assert Vocabulary(words).select(decide(Wildcard("gew?hr*"))) == (
        "gewaehrleistung", "gewahrleistung", "gewohrleistung",
    )  # fmt: skip
    assert Vocabulary(words).select(decide(Wildcard("ma?e"))) == ("masse",)
