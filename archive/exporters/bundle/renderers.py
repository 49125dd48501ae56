"""What decides the bytes of a bundle besides what it is given."""

from importlib.metadata import version

from archive.statements.lexicon import lexicon_version

_SETTERS = ("typst", "manimgx-fonts", "manimgx-fonts-cjk", "pillow")
_WITH = " ".join(f"{one}={version(one)}" for one in _SETTERS)
_BOOKS = f"xlsxwriter={version('xlsxwriter')}"
RENDERERS: tuple[tuple[str, str], ...] = (
    ("bundle", "3"), ("conversations", "3"), ("coverage", "6"), ("custody", f"3 {_BOOKS}"),
    ("privilege", f"2 {_BOOKS}"), ("report", f"7 {_WITH}"), ("review", f"8 {_WITH}"), ("searches", f"1 {_BOOKS}"),
    ("statements", f"2 lexicon={lexicon_version()}"), ("table", f"4 {_BOOKS}"),
)  # fmt: skip
"""(name, version) of everything that decides bytes of ``bag/data``; goes into the production entry."""
