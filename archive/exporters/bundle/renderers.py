"""What decides the bytes of a bundle besides what it is given."""

RENDERERS: tuple[tuple[str, str], ...] = (
    ("bundle", "1"), ("privilege", "1"), ("review", "1"), ("table", "1"),
)  # fmt: skip
"""(name, version) of everything that decides bytes of ``bag/data``; goes into the production entry."""
