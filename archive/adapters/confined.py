"""Asks ``confined_child``: a process without network that reads hostile files for us, started when first needed."""

import json
import os
import struct
import subprocess
import sys
from collections.abc import Mapping
from typing import IO, Any, cast

from archive.errors import ArchiveError, Unfinished

UNCONFINED = 77
"""Exit code of the child: the network could not be cut off."""


class ConfinedChild:
    """One child process for all files of a command."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None

    def ask(self, data: bytes, **head: str | int | None) -> dict[str, Any] | None:
        """Give what the child answers about a file; None where it talks nonsense, or falls and a new one does too.

        A file is read in a process of its own, which may fall; that the child itself does is mostly somebody else's
        doing (a system short of memory), and what it did not answer would be kept as damaged.

        Raises:
            Unfinished: this system does not let it be confined.
        """
        answer = self._ask(data, head)
        return self._ask(data, head) if answer is None else answer

    def _ask(self, data: bytes, head: Mapping[str, str | int | None]) -> dict[str, Any] | None:
        asked = json.dumps({**head, "length": len(data)}).encode()
        child = self._running()
        try:
            stdin, stdout = cast(IO[bytes], child.stdin), cast(IO[bytes], child.stdout)
            stdin.write(struct.pack(">I", len(asked)) + asked + data)
            stdin.flush()
            answer = json.loads(_exactly(stdout, struct.unpack(">I", _exactly(stdout, 4))[0]))
        except (OSError, EOFError, ValueError):
            self.close()
            if child.returncode == UNCONFINED:
                raise Unfinished(
                    "files cannot be read here: the system lets their reader not be cut off from the network. It needs "
                    "Linux on x86-64 or ARM64, with seccomp or user namespaces"
                ) from None
            return None
        return answer if isinstance(answer, dict) else None

    def close(self) -> None:
        """End the child."""
        if self._child is not None:
            child, self._child = self._child, None
            child.kill()
            child.wait()
            for stream in (child.stdin, child.stdout):
                if stream is not None:
                    stream.close()

    @property
    def runs(self) -> bool:
        """Whether a child is there to be asked."""
        return self._child is not None and self._child.poll() is None

    def _running(self) -> "subprocess.Popen[bytes]":
        if self._child is None or not self.runs:
            self.close()
            environment = {"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8", "OMP_THREAD_LIMIT": "1"}
            self._child = subprocess.Popen(  # our own module, in this interpreter
                [sys.executable, "-I", "-m", "archive.adapters.confined_child"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, cwd="/",
                start_new_session=True,
            )  # fmt: skip
        return self._child


def _exactly(stream: IO[bytes], length: int) -> bytes:
    if length > 64 * 1024 * 1024:
        raise ArchiveError("the reader of files answered too much")
    found = stream.read(length)
    if len(found) < length:
        raise EOFError
    return found
