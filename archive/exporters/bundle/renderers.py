"""What decides the bytes of a bundle besides what it is given."""

from importlib.metadata import version

_SETTERS = ("typst", "manimgx-fonts", "manimgx-fonts-cjk")
RENDERERS: tuple[tuple[str, str], ...] = (
    ("bundle", "1"), ("privilege", "1"), ("report", " ".join(["1", *(f"{one}={version(one)}" for one in _SETTERS)])),
    ("review", "1"), ("table", "1"),
)  # fmt: skip
"""(name, version) of everything that decides bytes of ``bag/data``; goes into the production entry."""
