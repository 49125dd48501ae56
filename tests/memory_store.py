"""A place in memory, with faults: a living ObjectStore for tests."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime

from archive.errors import AlreadyExists, FormatError, NotFound
from archive.ports import ObjectVersion

Fault = Callable[[str, str, str], bool]
"""Takes (call, name, "before" or "after" it is done); True: the process dies at this moment."""


class Crash(BaseException):
    """The process dies here: nothing may catch it."""


class MemoryStore:
    versioned = False

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.fault: Fault = lambda call, name, when: False
        self.mutable = False
        self.ages: dict[str, datetime] = {}
        """When an object was written, where a test says so; else now."""

    def get(self, name: str, *, limit: int, version: str | None = None) -> bytes:
        self._fail("get", name, "before")
        if name not in self.objects:
            raise NotFound(name)
        if len(self.objects[name]) > limit:
            raise FormatError(f"{name}: longer than {limit} bytes")
        return self.objects[name]

    def written(self, name: str) -> datetime:
        return self.ages.get(name, datetime.now(UTC))

    def versions(self, prefix: str) -> Iterator[ObjectVersion]:
        for name in self.names(prefix):
            yield ObjectVersion(name, "", len(self.objects[name]), removed=False)

    def names(self, prefix: str) -> Iterator[str]:
        yield from sorted(name for name in self.objects if name.startswith(prefix))

    def put_new(self, name: str, body: bytes) -> None:
        self._fail("put_new", name, "before")
        if self.objects.setdefault(name, body) != body:
            raise AlreadyExists(name)
        self._fail("put_new", name, "after")

    def put_all(self, objects: Iterable[tuple[str, bytes]]) -> None:
        for name, body in objects:
            self.put_new(name, body)

    def overwrite(self, name: str, body: bytes) -> None:
        assert self.mutable, f"{name} is immutable"
        self._fail("overwrite", name, "before")
        self.objects[name] = body
        self._fail("overwrite", name, "after")

    def _fail(self, call: str, name: str, when: str) -> None:
        if self.fault(call, name, when):
            raise Crash(f"{call} {name} {when}")
