"""What ``statement:`` asks for: a kind, a modality, both as ``warranty/promised``, or ``any``."""

from collections.abc import Iterable
from typing import Protocol

from archive.statements.model import KINDS, MODALITIES


class HasKind(Protocol):
    """A find, here or in the catalogue."""

    @property
    def kind(self) -> str:
        """What it is about."""
        ...

    @property
    def modality(self) -> str:
        """How it is said."""
        ...


def kinds_and_modalities(value: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give the kinds and modalities that are asked for; none of them means all.

    Raises:
        ValueError: there is no such kind or modality.
    """
    kind, _, modality = value.partition("/")
    if kind in MODALITIES and not modality:
        kind, modality = "any", kind
    kinds = () if kind == "any" else (kind,)
    modalities = (modality,) if modality else ()
    if not set(kinds) <= set(KINDS) or not set(modalities) <= set(MODALITIES):
        raise ValueError(
            f"statement:{value}: takes a kind ({', '.join(KINDS)}), a modality ({', '.join(MODALITIES)}), both as in "
            "warranty/promised, or any"
        )
    return kinds, modalities


def any_of(finds: Iterable[HasKind], value: str) -> bool:
    """Say whether one of these finds is what is asked for; raises ValueError as above."""
    kinds, modalities = kinds_and_modalities(value)
    return any(
        (not kinds or one.kind in kinds) and (not modalities or one.modality in modalities) for one in finds
    )
