"""Several exports of one platform in one tree: each belongs to the account that its own file names."""

from archive.reading.tree import Member, Tree


def exports_in(tree: Tree, owner: str | None) -> dict[str, Tree]:
    """The exports of a tree by the folder of each; the tree itself under "" if it is one.

    ``owner`` is the name of the file that names the account, after the folder in which it lies if that is
    no export by itself (``data/account.js``; ``*`` for a folder of any name). Files under no such folder are an
    export of nobody: they are not said to be of the account next door.
    """
    if owner is None:
        return {"": tree}
    above, _, name = owner.rpartition("/")
    roots = {_root(member, above) for member in tree.files() if member.name == name}
    deepest_first = sorted({*roots, ""}, key=len, reverse=True)
    parts: dict[str, list[Member]] = {}
    for member in tree.members:
        root = next(root for root in deepest_first if member.path.startswith(root))
        parts.setdefault(root, []).append(member)
    if len(parts) < 2:
        return {"": tree}
    return {root: tree.part(members, ()) for root, members in sorted(parts.items())}


def _root(member: Member, above: str) -> str:
    """The folder of an export whose account this member names."""
    head, slash, last = member.folder.removesuffix("/").rpartition("/")
    if last and above in ("*", last):
        return head + slash
    return member.folder
