"""What decides the bytes of a bundle besides what it is given."""

from schemas.matter import ExportOptions

RENDERERS: tuple[tuple[str, str], ...] = (("bundle", "1"), ("review", "1"))
"""(name, version) of everything that decides bytes of ``bag/data``; goes into the production entry."""


def renderers(options: ExportOptions) -> tuple[tuple[str, str], ...]:
    """Give those that write under these options."""
    return tuple(pair for pair in RENDERERS if pair[0] == "bundle" or pair[0] == options.profile)
