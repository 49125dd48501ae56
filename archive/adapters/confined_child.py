"""The child process that reads files: no network, no writing, little memory, little time; one process a file.

``python -I -m archive.adapters.confined_child`` reads requests from standard input and answers on standard output. It
loads the libraries once and forks for each file, so what a hostile file does to a process ends with that process. Where
neither a network namespace nor a filter of system calls can be had, it reads nothing and ends with ``UNCONFINED``.
"""

import base64
import ctypes
import errno
import json
import os
import resource
import select
import signal
import struct
import sys
import time

from archive.adapters.confined import UNCONFINED
from archive.adapters.file_pictures import smaller
from archive.adapters.file_texts import words_of

MEMORY = 1536 * 1024 * 1024
PROCESSOR_SECONDS = 60
WALL_SECONDS = 90
OCR_FACTOR = 10
MOST_ANSWER = 16 * 1024 * 1024

_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_PR_SET_PDEATHSIG, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 22, 38
_FILTER, _ALLOW, _DENY = 2, 0x7FFF0000, 0x00050000 | errno.EACCES
_IO_URING_SETUP = 425
_SOCKET = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}
"""Machine → (its name in a filter, the number of ``socket``): linux/audit.h, asm/unistd.h."""


def main() -> None:
    """Serve requests until standard input ends."""
    if not _confine():
        sys.exit(UNCONFINED)
    while (request := _read_frame(0)) is not None:
        head = json.loads(request)
        data = _read_exactly(0, head["length"])
        if data is None:
            return
        answer = _in_a_process_of_its_own(head, data)
        _write_frame(1, answer)


def _confine() -> bool:
    """Die with the parent, and cut the network off: by a namespace, and by a filter (in a container, by that alone)."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    alone = libc.unshare(_CLONE_NEWNET) == 0 or libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0
    return _without_sockets(libc) or alone


class _Program(ctypes.Structure):
    """``struct sock_fprog``."""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p))


def _without_sockets(libc: ctypes.CDLL) -> bool:
    """Let this process and its children make no sockets any more; say whether the kernel took the filter."""
    if os.uname().machine not in _SOCKET:
        return False
    machine, number = _SOCKET[os.uname().machine]
    load, equal, above, answer = 0x20, 0x15, 0x35, 0x06
    instructions = (
        (load, 0, 0, 4), (equal, 0, 5, machine),  # calls by another convention are refused
        (load, 0, 0, 0), (above, 3, 0, 0x40000000),
        (equal, 2, 0, number), (equal, 1, 0, _IO_URING_SETUP),
        (answer, 0, 0, _ALLOW), (answer, 0, 0, _DENY),
    )  # fmt: skip
    code = b"".join(struct.pack("HBBI", *one) for one in instructions)
    buffer = ctypes.create_string_buffer(code, len(code))
    program = _Program(len(instructions), ctypes.addressof(buffer))
    return bool(libc.prctl(_PR_SET_SECCOMP, _FILTER, ctypes.byref(program), 0, 0) == 0)


def _in_a_process_of_its_own(head: dict[str, str | int | None], data: bytes) -> bytes:
    receiver, sender = os.pipe()
    ocr = str(head["ocr"]) if head.get("ocr") else None
    factor = OCR_FACTOR if ocr else 1
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.close(receiver)
            _limit(factor, writes=bool(ocr))
            _write_all(sender, json.dumps(_answer(head, data, ocr)).encode("utf-8", "surrogatepass"))
            code = 0
        finally:
            os._exit(code)  # whatever happened: nothing of this process goes on
    os.close(sender)
    answer = _collect(receiver, child, time.monotonic() + WALL_SECONDS * factor)
    os.close(receiver)
    _, status = os.waitpid(child, 0)
    if status != 0 or answer is None:
        return json.dumps({"state": "damaged" if answer is not None else "too_big", "text": ""}).encode()
    return answer


def _answer(head: dict[str, str | int | None], data: bytes, ocr: str | None) -> dict[str, str | int]:
    if head["what"] == "picture":
        jpeg, width, height = smaller(data, int(head["most"] or 0))
        return {"state": "read", "jpeg": base64.b64encode(jpeg).decode(), "width": width, "height": height}
    words = words_of(data, str(head["name"]), str(head["media_type"]), ocr)
    return {"state": words.state, "text": words.text}


def _limit(factor: int, *, writes: bool) -> None:
    limits = {
        resource.RLIMIT_AS: MEMORY,
        resource.RLIMIT_CPU: PROCESSOR_SECONDS * factor,
        resource.RLIMIT_FSIZE: 64 * 1024 * 1024 if writes else 0,
        resource.RLIMIT_NOFILE: 64,
        resource.RLIMIT_CORE: 0,
    }
    for kind, most in limits.items():
        resource.setrlimit(kind, (most, most))
    quiet = os.open(os.devnull, os.O_RDWR)
    os.dup2(quiet, 0)
    os.dup2(quiet, 2)
    os.dup2(quiet, 1)


def _collect(receiver: int, child: int, deadline: float) -> bytes | None:
    """Give what the process answered; None, and the end of it, when it takes too long or says too much."""
    found = bytearray()
    while True:
        left = deadline - time.monotonic()
        if left <= 0 or len(found) > MOST_ANSWER or not select.select([receiver], [], [], left)[0]:
            os.kill(child, signal.SIGKILL)
            return None
        piece = os.read(receiver, 1 << 16)
        if not piece:
            return bytes(found)
        found += piece


def _read_frame(descriptor: int) -> bytes | None:
    head = _read_exactly(descriptor, 4)
    return None if head is None else _read_exactly(descriptor, struct.unpack(">I", head)[0])


def _read_exactly(descriptor: int, length: int) -> bytes | None:
    found = bytearray()
    while len(found) < length:
        piece = os.read(descriptor, min(1 << 20, length - len(found)))
        if not piece:
            return None
        found += piece
    return bytes(found)


def _write_frame(descriptor: int, body: bytes) -> None:
    _write_all(descriptor, struct.pack(">I", len(body)) + body)


def _write_all(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


if __name__ == "__main__":
    sys.stdout = sys.stderr  # a library that prints must not disturb the answers
    main()
