"""What tells the downloads of Meta's networks apart, and the HTML flavour from the JSON one."""

import re
from collections.abc import Callable, Iterator

from archive.ports import Confidence
from archive.reading.media_types import media_type_of
from archive.reading.shape import Shape, shapes
from archive.reading.tree import Member, Tree
from archive.reading.units import MemberProblem, Reading, UnitExcluded

_PLACES = {
    "facebook": re.compile(
        r"(?:^|/)(?:your_activity_across_facebook|your_facebook_activity|facebook-[^/]*)/"
    ),
    "instagram": re.compile(r"(?:^|/)(?:your_instagram_activity|instagram-[^/]*)/"),
}
_MARKS = (b'class="_a706', b'class="_3-95', b'class="pam', b"_a6-g", b"Participants: ")


def network(tree: Tree, name: str, likeness: Callable[[Shape], tuple[int, str]]) -> Confidence:
    """The surest outline; conversations alone show no network, unless folders beside them do."""
    best = (0, "no file has the structure")
    for _, shape in shapes(tree).sample():
        best = max(best, likeness(shape), key=lambda answer: answer[0])
    if not 50 <= best[0] < 80:
        return Confidence(*best)
    here = {
        key
        for key, place in _PLACES.items()
        if any(place.search(f"{tree.name}/{m.path}".replace("!", "")) for m in tree.members)
    }
    if here == {name}:
        return Confidence(95, f"{best[1]}, in the folders of this network")
    if here:
        return Confidence(40, f"{best[1]}, in the folders of another network")
    in_folders = any(
        re.search(r"(?:^|/)messages/(?:inbox|archived_threads|message_requests)/", m.path)
        for m in tree.members
    )
    if name == "facebook" and in_folders:
        return Confidence(85, f"{best[1]}, in messages/inbox")
    return Confidence(60, best[1])


def is_data_file(tree: Tree, member: Member) -> bool:
    """Whether a file may hold data rather than be an attachment."""
    return tree.single or member.name.lower().endswith((".json", ".html", ".htm"))


def is_media(member: Member) -> bool:
    """Whether a file is a picture, film or sound by its name."""
    return (media_type_of(member.name) or "").partition("/")[0] in ("image", "video", "audio")


def html_likeness(shape: Shape) -> tuple[int, str]:
    """How surely a page is the HTML flavour of a download."""
    marks = sum(mark in shape.head for mark in _MARKS)
    return (min(50 + 10 * marks, 70), "the HTML that Meta's downloads consist of") if marks else (0, "")


def html_answer(tree: Tree, member: Member, shape: Shape) -> Iterator[Reading]:
    """A page is left out where its JSON lies beside it; else it is kept, and the answer says what to ask for."""
    stem = member.path.rpartition(".")[0]
    if any(other.path == stem + ".json" for other in tree.members):
        yield UnitExcluded(member.path, "HTML rendering; the JSON beside it is read")
    elif html_likeness(shape)[0] or tree.single:
        yield MemberProblem(
            member.path, "HTML download: it is kept, not read; request it again in the format JSON"
        )
    else:
        yield UnitExcluded(member.path, "a page that is no conversation")
