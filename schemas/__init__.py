"""The words: frozen models of what people, commands and the parts of the machine exchange.

Nothing here does I/O, reads a clock or draws randomness. FORMAT.md beside these files is the law for
every hashed, signed and encrypted byte of an archive.
"""
