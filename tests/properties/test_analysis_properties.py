"""What holds for the analyser on any text."""

from itertools import chain

from hypothesis import given
from hypothesis import strategies as st

from archive.query.analysis import LONGEST, fold, sigils, terms, tokens
from archive.query.document import BREAK, divided, joined
from archive.query.expansion import Vocabulary, WordTest
from archive.query.expansion import test_of as decide
from archive.query.otherwise import otherwise, said
from archive.query.plan import Wildcard

STRANGE = "aäÄßuueё́ ̈-_@#.0９👍🏽‍♀️🇩🇪株テスﾞ한글אָ\n\u2010\u00ad\u200bﬁﷺ½"
any_text = st.text(max_size=60) | st.text(alphabet=STRANGE, max_size=60)


@given(any_text)
def test_the_fast_way_says_what_the_full_way_says(text: str) -> None:
    assert terms(text) == [token.term for token in tokens(text)]
    assert said(text) == [[token.term for token in reading] for reading in otherwise(text)]


@given(any_text)
def test_terms_are_safe_for_every_engine(text: str) -> None:
    besides = [*chain(*otherwise(text)), *sigils(text)]
    for term in [*terms(text), *(token.term for token in besides)]:
        assert term.split() == [term]
        assert 0 < len(term) <= LONGEST
        assert BREAK not in term


@given(any_text)
def test_tokens_lie_in_the_text_in_order(text: str) -> None:
    found = tokens(text)
    assert [token.position for token in found] == list(range(len(found)))
    assert all(
        0 <= token.start < token.end <= len(text)
        for token in [*found, *chain(*otherwise(text)), *sigils(text)]
    )
    assert [token.start for token in found] == sorted(token.start for token in found)


@given(any_text)
def test_folding_twice_is_folding_once(text: str) -> None:
    for term in terms(text):
        assert fold(term) == term


@given(st.lists(st.lists(st.sampled_from(["a", "b", "👍"]), min_size=1)))
def test_streams_come_apart_as_they_went_together(parts: list[list[str]]) -> None:
    assert divided(joined(parts)) == parts


_letters = st.text(alphabet="aeiougrntv", min_size=1, max_size=9)
_endings = st.sampled_from(["", "e", "en", "ung", "ungen", "t", "ed", "ing", "s", "ies"])


@given(st.builds(str.__add__, _letters, _endings), st.lists(st.builds(str.__add__, _letters, _endings)))
def test_a_vocabulary_misses_no_term_that_a_word_accepts(word: str, others: list[str]) -> None:
    derived = [
        word + "en",
        "miet" + word + "s",
        "ueber" + word,
        word.replace("a", "ae"),
        word[:-1] + "ungen",
        "ge" + word + "t",
    ]
    vocabulary = Vocabulary({*others, *derived, word})
    test = WordTest(word)
    assert vocabulary.select(test) == tuple(term for term in vocabulary.terms if test.accepts(term))


_verbs = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(["", "", "aus", "zurueck", "rueck", "ueber", "uber", "be", "teil", "kostenueber"]),
    st.sampled_from(["", "ge", "zu"]),
    st.sampled_from(["nehm", "nahm", "nomm", "liefer", "pruef", "pruf", "repar", "spezifiz", "spezifik", "sandt"]),
    st.sampled_from(["", "e", "n", "en", "t", "et", "te", "ten", "tes", "ung", "iert", "ieren", "atur", "ation"]),
)  # fmt: skip


@given(_verbs, st.sets(_verbs))
def test_a_vocabulary_misses_no_form_of_a_verb(word: str, others: set[str]) -> None:
    vocabulary = Vocabulary({*others, word})
    test = WordTest(word)
    assert vocabulary.select(test) == tuple(term for term in vocabulary.terms if test.accepts(term))


@given(
    st.text(alphabet="ab*?@", min_size=1, max_size=6),
    st.sets(st.text(alphabet="ab@", min_size=1, max_size=6)),
)
def test_a_vocabulary_misses_no_term_that_a_pattern_accepts(pattern: str, found: set[str]) -> None:
    vocabulary = Vocabulary(found)
    test = decide(Wildcard(pattern))
    assert vocabulary.select(test) == tuple(term for term in vocabulary.terms if test.accepts(term))
