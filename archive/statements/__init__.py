"""The finder of binding statements: who promised, asked, accepted or refused what, in the words of a message.

Pure and deterministic: one message with what was said before it gives always the same finds. Nothing is learned and
nothing is opaque; every find names the rule of the lexicon and the cues that made it.

    text ──► sentences ──► entities (dates, periods, money …) ──► rules of the lexicon ──► modality ──► span, values
             units          values.toml                          kinds_*.toml             modality_*.toml

The lexicon is data: ``lexicon/*.toml``, explained in ``lexicon/README.md``. ``version`` says what its version covers.
"""
