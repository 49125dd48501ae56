"""The tree of RFC 6962 §2.1 over leaf hashes: root, inclusion and consistency proofs."""

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256

from archive.errors import FormatError

EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(leaf: bytes) -> bytes:
    """Hash a leaf: the RFC 6962 leaf hash and, through ``previous``, the chain hash."""
    return sha256(b"\0" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash an inner node."""
    return sha256(b"\1" + left + right).digest()


class Frontier:
    """A growing tree that keeps only the roots of its complete subtrees: constant memory, largest first."""

    __slots__ = ("size", "stack")

    def __init__(self, size: int = 0, stack: Sequence[bytes] = ()) -> None:
        if len(stack) != size.bit_count() or any(len(node) != 32 for node in stack):
            raise FormatError("a tree frontier that does not fit its size")
        self.size = size
        self.stack = list(stack)

    def add(self, leaf: bytes) -> None:
        """Append a leaf hash."""
        stack, node, size = self.stack, leaf, self.size
        while size & 1:
            node = sha256(b"\1" + stack.pop() + node).digest()
            size >>= 1
        stack.append(node)
        self.size += 1

    def add_subtree(self, height: int, node: bytes) -> None:
        """Append the root of a whole subtree of 2 ** height leaves; the size must be a multiple of that."""
        if self.size & ((1 << height) - 1):
            raise FormatError("a subtree that does not fit the size of the tree")
        stack, size = self.stack, self.size >> height
        while size & 1:
            node = sha256(b"\1" + stack.pop() + node).digest()
            size >>= 1
        stack.append(node)
        self.size += 1 << height

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Append leaf hashes in order."""
        for leaf in leaves:
            self.add(leaf)

    def root(self) -> bytes:
        """Give the root of the tree as it stands."""
        if not self.stack:
            return EMPTY_ROOT
        root = self.stack[-1]
        for left in reversed(self.stack[:-1]):
            root = node_hash(left, root)
        return root

    def copy(self) -> "Frontier":
        """Give an independent copy."""
        return Frontier(self.size, self.stack)


def subtrees(first: int, leaves: Sequence[bytes]) -> Iterator[tuple[int, bytes]]:
    """Cut leaf hashes that begin at index ``first`` into the largest whole subtrees; give (height, root) of each."""
    at, end = 0, len(leaves)
    while at < end:
        place, left = first + at, end - at
        height = left.bit_length() - 1
        if place:
            height = min(height, (place & -place).bit_length() - 1)
        level: Sequence[bytes] = leaves[at : at + (1 << height)]
        while len(level) > 1:
            level = [sha256(b"\1" + level[i] + level[i + 1]).digest() for i in range(0, len(level), 2)]
        yield height, level[0]
        at += 1 << height


class HashTree:
    """All levels of a tree held in memory, for many proofs at once: 64 bytes a leaf."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self.levels: list[Sequence[bytes]] = [leaves]
        while len(self.levels[-1]) > 1:
            below = self.levels[-1]
            self.levels.append([node_hash(below[i], below[i + 1]) for i in range(0, len(below) - 1, 2)])

    def subtree(self, start: int, end: int) -> bytes:
        """Give the hash over leaves [start, end); start is a multiple of the size's next power of two."""
        count = end - start
        if count & (count - 1) == 0:
            height = count.bit_length() - 1
            return self.levels[height][start >> height]
        middle = start + _split(count)
        return node_hash(self.subtree(start, middle), self.subtree(middle, end))

    def root(self, size: int) -> bytes:
        """Give the root of the first ``size`` leaves."""
        return self.subtree(0, size) if size else EMPTY_ROOT

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """Give the audit path of a leaf in the tree of ``size`` leaves (RFC 6962 §2.1.1)."""
        path: list[bytes] = []
        start, end = 0, size
        while end - start > 1:
            middle = start + _split(end - start)
            if index < middle:
                path.append(self.subtree(middle, end))
                end = middle
            else:
                path.append(self.subtree(start, middle))
                start = middle
        return path[::-1]

    def consistency(self, old: int, new: int) -> list[bytes]:
        """Give the proof that the tree of ``old`` leaves is a prefix of that of ``new`` (RFC 6962 §2.1.2)."""
        if not 0 < old <= new:
            raise ValueError("0 < old <= new")
        path: list[bytes] = []
        start, end, complete = 0, new, True
        while old != end:
            middle = start + _split(end - start)
            if old <= middle:
                path.append(self.subtree(middle, end))
                end = middle
            else:
                path.append(self.subtree(start, middle))
                start, complete = middle, False
        if not complete:
            path.append(self.subtree(start, end))
        return path[::-1]


def _split(count: int) -> int:
    """Give the largest power of two below ``count``."""
    return 1 << ((count - 1).bit_length() - 1)


def root_from_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """Compute the root that an audit path leads to (RFC 9162 §2.1.3.2).

    Raises:
        FormatError: the path has the wrong length for this index and size.
    """
    if not 0 <= index < size:
        raise FormatError("an inclusion proof for an index outside its tree")
    node, last, root = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            raise FormatError("an inclusion proof that is too long")
        if node & 1 or node == last:
            root = node_hash(sibling, root)
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            root = node_hash(root, sibling)
        node, last = node >> 1, last >> 1
    if last:
        raise FormatError("an inclusion proof that is too short")
    return root


def check_consistency(old: int, new: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]) -> bool:
    """Say whether ``path`` proves that the old tree is a prefix of the new one (RFC 9162 §2.1.4.2)."""
    if old == new:
        return not path and old_root == new_root
    if not 0 < old < new or not path:
        return False
    nodes = list(path)
    if old & (old - 1) == 0:
        nodes.insert(0, old_root)
    first, last = old - 1, new - 1
    while first & 1:
        first, last = first >> 1, last >> 1
    left = right = nodes[0]
    for sibling in nodes[1:]:
        if last == 0:
            return False
        if first & 1 or first == last:
            left, right = node_hash(sibling, left), node_hash(sibling, right)
            while first and not first & 1:
                first, last = first >> 1, last >> 1
        else:
            right = node_hash(right, sibling)
        first, last = first >> 1, last >> 1
    return last == 0 and left == old_root and right == new_root
