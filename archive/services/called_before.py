"""What stands under the id that an older version of a reader gave to a conversation: whoever looks at it is told.

Nobody puts the two together: then a bundle would hand out what others said in the conversation of then.
"""

from dataclasses import dataclass

from archive.services.session import Session

LOOKED_AT = 1000
"""So many items of a conversation are asked what it was called."""


@dataclass(frozen=True, slots=True)
class CalledBefore:
    """A conversation of then."""

    name: str
    items: int
    """How many items stand there, others' among them, and such as were read again."""
    number: int
    """One of them."""

    def told(self) -> str:
        """Say it in words."""
        return (
            f"{self.items} items stand in {self.name}, as an older version of this reader called the conversation "
            f"(among others, perhaps): beleg thread {self.number}"
        )


def called_before(session: Session, index: int) -> tuple[CalledBefore, ...]:
    """Give the conversations of then in which earlier items of the conversation of this item may stand."""
    listed = session.catalogue.item(index)
    if listed is None:
        return ()
    key = listed.item.thread
    whole = session.catalogue.thread(key, limit=LOOKED_AT).items
    found: list[CalledBefore] = []
    for name in dict.fromkeys(one.item.thread_before for one in whole):
        if name is not None:
            page = session.catalogue.thread(key.model_copy(update={"id": name}), limit=1)
            found += [CalledBefore(name, len(page.items) + page.after, one.index) for one in page.items]
    return tuple(found)
