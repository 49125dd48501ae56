"""What decides the bytes of a bundle besides what it is given."""

from importlib.metadata import version

from archive.statements.lexicon import lexicon_version

_SETTERS = ("typst", "manimgx-fonts", "manimgx-fonts-cjk", "pillow")
_WITH = " ".join(f"{one}={version(one)}" for one in _SETTERS)
RENDERERS: tuple[tuple[str, str], ...] = (
    ("bundle", "1"), ("coverage", "1"), ("custody", "2"), ("privilege", "1"),
    ("report", f"2 {_WITH}"), ("review", f"2 {_WITH}"), ("searches", "1"),
    ("statements", f"1 lexicon={lexicon_version()}"), ("table", "1"),
)  # fmt: skip
"""(name, version) of everything that decides bytes of ``bag/data``; goes into the production entry."""
