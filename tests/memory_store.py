"""A place in memory, with faults: a living ObjectStore for tests."""

from collections.abc import Callable, Iterator

from archive.errors import AlreadyExists, FormatError, NotFound
from archive.ports import ObjectInfo

Fault = Callable[[str, str, str], bool]
"""Takes (call, name, "before" or "after" it is done); True: the process dies at this moment."""


class Crash(BaseException):
    """The process dies here: nothing may catch it."""


class MemoryStore:
    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.fault: Fault = lambda call, name, when: False
        self.mutable = False

    def get(self, name: str, *, limit: int) -> bytes:
        data = self.get_range(name, 0, limit + 1)
        if len(data) > limit:
            raise FormatError(f"{name}: too long")
        return data

    def get_range(self, name: str, start: int, length: int) -> bytes:
        self._fail("get", name, "before")
        try:
            return self.objects[name][start : start + length]
        except KeyError as error:
            raise NotFound(name) from error

    def stat(self, name: str) -> ObjectInfo | None:
        return ObjectInfo(name, len(self.objects[name])) if name in self.objects else None

    def names(self, prefix: str) -> Iterator[str]:
        yield from sorted(name for name in self.objects if name.startswith(prefix))

    def put_new(self, name: str, body: bytes) -> None:
        self._fail("put_new", name, "before")
        if self.objects.setdefault(name, body) != body:
            raise AlreadyExists(name)
        self._fail("put_new", name, "after")

    def overwrite(self, name: str, body: bytes) -> None:
        assert self.mutable, f"{name} is immutable"
        self.objects[name] = body

    def _fail(self, call: str, name: str, when: str) -> None:
        if self.fault(call, name, when):
            raise Crash(f"{call} {name} {when}")
