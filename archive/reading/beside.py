"""Files that lie beside the data and belong to items: found by the name that the data gives them.

Names in the data and names on disk differ: by folder, by the part of a multi-part download, by case, by
Unicode form, by characters that a platform or an unpacker replaced.
"""

import re
import unicodedata
from urllib.parse import unquote

from archive.reading.media_types import media_type_of
from archive.reading.tree import Member, Tree
from archive.reading.units import Content
from schemas.item import Attachment, AttachmentRole

_REPLACED = re.compile(r"[?*<>|\":&%'=+\s]")
_MOST_PARTS = 6
_ROLES: dict[str, AttachmentRole] = {"image": "image", "video": "video", "audio": "audio"}


def role_of(media_type: str | None) -> AttachmentRole:
    """The role that a media type suggests."""
    return _ROLES.get((media_type or "").partition("/")[0], "file")


class Beside:
    """The members of a tree by name. ``used`` are the paths of those that items have named."""

    def __init__(self, tree: Tree) -> None:
        self.used: set[str] = set()
        self._paths: dict[str, Member] = {}
        self._tails: dict[str, Member | None] = {}
        """The last parts of a path → the one member that ends so; None where several do."""
        for member in tree.members:
            path = _plain(member.path or member.name)
            self._paths[path] = member
            parts = path.split("/")
            for count in range(1, min(len(parts), _MOST_PARTS) + 1):
                tail = "/".join(parts[-count:])
                self._tails[tail] = None if tail in self._tails else member

    def find(self, name: str, near: Member | None = None) -> Member | None:
        """The member that a name in ``near`` means: relative to its folder or one above, or by its unique
        end."""
        for written in dict.fromkeys((name, unquote(name.partition("?")[0]))):
            plain = _plain(re.sub(r"^(?:\.?/)+", "", written.replace("\\", "/")))
            if not plain or plain.endswith("/") or ".." in plain.split("/"):
                continue
            folder = _plain(near.folder) if near else ""
            while True:
                found = self._paths.get(folder + plain)
                if found is not None:
                    return found
                if not folder:
                    break
                folder = folder.rstrip("/").rpartition("/")[0]
                folder = folder + "/" if folder else ""
            parts = plain.split("/")[-_MOST_PARTS:]
            for count in range(len(parts), 0, -1):
                found = self._tails.get("/".join(parts[-count:]))
                if found is not None and (count > 1 or len(parts) == 1):
                    return found
        return None

    def attach(
        self,
        contents: list[Content],
        written: str | None,
        near: Member | None = None,
        *,
        name: str | None = None,
        media_type: str | None = None,
        role: AttachmentRole | None = None,
        reason: str = "not in export",
        url: str | None = None,
        length: int | None = None,
    ) -> Attachment:
        """The attachment that the data names, with its bytes in ``contents`` if they are here."""
        member = self.find(written, near) if written else None
        name = name or (written.replace("\\", "/").rpartition("/")[2] if written else None) or None
        media_type = media_type or (media_type_of(name) if name else None)
        if media_type is None and member is not None:
            media_type = media_type_of(member.name)
        role = role or role_of(media_type)
        if member is None:
            return Attachment(
                name=name,
                media_type=media_type,
                state="missing",
                reason=reason,
                role=role,
                url=url,
                length=length,
            )
        self.used.add(member.path)
        locator = member.path or member.name
        if all(content.locator != locator for content in contents):
            contents.append(Content(locator=locator, open=member.open, member=member.path))
        return Attachment(
            name=name,
            media_type=media_type,
            state="present",
            role=role,
            url=url,
            locator=locator,
            length=member.size,
        )


def _plain(path: str) -> str:
    """The path as names are compared."""
    path = path.replace("\\", "/").replace("!/", "/")
    return _REPLACED.sub("_", unicodedata.normalize("NFC", path)).casefold()
