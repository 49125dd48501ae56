"""Finding: the analyser, the query language, word forms, and the one matcher that is the truth.

Nothing here does I/O. Engines are rented: they get the tokens of ``analysis`` and queries resolved by
``resolve``, and must give exactly the items that ``match`` accepts.
"""
