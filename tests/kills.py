"""Dying between any two steps of a collection: every write that a collection makes, before and after it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from archive.adapters.objects_folder import FolderStore
from archive.adapters.seen_sqlite import SqliteSeen
from archive.ledger.writer import Ledger
from archive.services.collect import haul, watch

SEALING: tuple[tuple[Any, str], ...] = (
    (Ledger, "append"),
    (SqliteSeen, "mark"),
    (SqliteSeen, "gone"),
    (SqliteSeen, "unmark"),
    (haul, "observed"),
    (haul, "seal_while_capturing"),
    (watch, "remember"),
)
"""The steps of a collection itself."""
WRITING: tuple[tuple[Any, str], ...] = (*SEALING, (FolderStore, "put_new"), (FolderStore, "put_all"))
"""And those of each commit within them."""


class Killed(BaseException):
    """The process is gone: nothing may catch this."""


@contextmanager
def dying(
    monkeypatch: pytest.MonkeyPatch, at: int, steps: tuple[tuple[Any, str], ...]
) -> Iterator[list[str]]:
    """Die at the n-th moment before or after one of the steps; give what was passed until then."""
    passed: list[str] = []

    def wrapped(owner: Any, name: str) -> Callable[..., Any]:
        real = getattr(owner, name)

        def step(*given: Any, **named: Any) -> Any:
            moment(f"before {name}")
            answer = real(*given, **named)
            moment(f"after {name}")
            return answer

        return step

    def moment(which: str) -> None:
        passed.append(which)
        if len(passed) == at + 1:
            raise Killed(which)

    with monkeypatch.context() as patch:
        for owner, name in steps:
            patch.setattr(owner, name, wrapped(owner, name))
        yield passed


def every_death(
    monkeypatch: pytest.MonkeyPatch,
    steps: tuple[tuple[Any, str], ...],
    begin: Callable[[], None],
    collect: Callable[[], Any],
    check: Callable[[str], None],
) -> int:
    """For every moment: begin anew, die there, collect again and check; give how many moments there were."""
    for at in range(10_000):
        begin()
        with dying(monkeypatch, at, steps) as passed:
            where = ""
            try:
                collect()
            except Killed as death:
                where = f"{at}: {death}"
        if not where:
            check("nobody died")
            return len(passed)
        collect()
        check(where)
    raise AssertionError("a collection without end")
