"""The tree of RFC 6962: roots by its recursive definition, both proofs for every pair of sizes."""

from hashlib import sha256

import pytest

from archive.core.merkle import (
    EMPTY_ROOT,
    Frontier,
    HashTree,
    check_consistency,
    leaf_hash,
    root_from_inclusion,
)  # fmt: skip
from archive.errors import FormatError

N = 70
LEAVES = [leaf_hash(bytes([number])) for number in range(N)]
TREE = HashTree(LEAVES)


def mth(leaves: list[bytes]) -> bytes:
    """The definition of RFC 6962 §2.1, word by word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()


def test_roots_are_those_of_the_definition() -> None:
    frontier = Frontier()
    assert frontier.root() == EMPTY_ROOT == TREE.root(0)
    for size, leaf in enumerate(LEAVES, start=1):
        frontier.add(leaf)
        assert frontier.root() == mth(LEAVES[:size]) == TREE.root(size)


def test_every_inclusion_proof_holds_and_no_other_leaf_passes() -> None:
    for size in range(1, N):
        root = TREE.root(size)
        for index in range(size):
            path = TREE.inclusion(index, size)
            assert root_from_inclusion(LEAVES[index], index, size, path) == root
            assert root_from_inclusion(LEAVES[(index + 1) % N], index, size, path) != root


def test_inclusion_proofs_of_the_wrong_length_are_refused() -> None:
    path = TREE.inclusion(5, 40)
    for wrong in (path[:-1], [*path, bytes(32)], []):
        with pytest.raises(FormatError):
            root_from_inclusion(LEAVES[5], 5, 40, wrong)
    with pytest.raises(FormatError):
        root_from_inclusion(LEAVES[5], 40, 40, path)


def test_every_consistency_proof_holds_and_no_fork_passes() -> None:
    for new in range(1, N):
        for old in range(1, new + 1):
            path = TREE.consistency(old, new)
            assert check_consistency(old, new, TREE.root(old), TREE.root(new), path)
            assert not check_consistency(old, new, bytes(32), TREE.root(new), path)
            if old < new:
                assert not check_consistency(old, new, TREE.root(old), bytes(32), path)


def test_a_frontier_must_fit_its_size() -> None:
    with pytest.raises(FormatError):
        Frontier(3, [bytes(32)])
