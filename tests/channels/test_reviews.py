"""Reviews: stars as words and numbers, replies, totals."""

import json
from pathlib import Path

from archive.channels.reviews import GoogleBusinessReviews, TrustpilotReviews
from archive.reading.private import without
from archive.reading.tree import Tree
from archive.reading.units import Completeness
from tests.channels.own import OWN

GOOGLE, TRUSTPILOT = GoogleBusinessReviews(), TrustpilotReviews()


def test_google_ratings_without_words_edits_and_totals(read, tmp_path: Path) -> None:
    base = {
        "reviewer": {"displayName": "Ein Google-Nutzer", "isAnonymous": True},
        "createTime": "2024-03-01T00:00:00Z",
    }
    reviews = [
        {"name": "accounts/1/locations/2/reviews/a", "starRating": "ONE", "updateTime": "2024-03-01T00:00:00Z", **base},
        {"name": "accounts/1/locations/2/reviews/b", "starRating": "FIVE", "updateTime": "2024-04-01T00:00:00Z", "comment": "x (Translated by Google) y", **base},
    ]  # fmt: skip
    path = tmp_path / "r.json"
    path.write_text(json.dumps({"reviews": reviews, "totalReviewCount": 5}))
    outcome = read(GOOGLE, path)
    first, second = outcome.items
    assert (first.rating.value, first.text, first.author.account, first.edited) == ("ONE", None, None, None)
    assert second.edited.time.utc == "2024-04-01T00:00:00Z"
    assert second.text == "x (Translated by Google) y"
    assert {item.thread.id for item in outcome.items} == {"accounts/1/locations/2"}
    [completeness] = [r for r in outcome.readings if isinstance(r, Completeness)]
    assert [(c.expected, c.found) for c in completeness.claims] == [(5, 2)]
    path.write_text(json.dumps({"reviews": reviews, "totalReviewCount": 5, "nextPageToken": "x"}))
    [completeness] = [r for r in read(GOOGLE, path).readings if isinstance(r, Completeness)]
    assert completeness.claims[0].expected is None


def test_trustpilot_replies_have_their_own_times_and_addresses_are_masked(read, tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    value = json.loads(OWN["trustpilot"].files["reviews.json"])
    value["reviews"][0]["companyReply"] = {
        "text": "Danke",
        "createdAt": "2025-10-05T08:00:00Z",
        "updatedAt": "2025-10-06T08:00:00Z",
    }
    path.write_text(json.dumps(value))
    review, reply = read(TRUSTPILOT, path).items
    assert (review.rating.value, review.rating.best, review.title) == ("2", "5", "Spät")
    assert (reply.text, reply.author.written, reply.edited.time.utc) == (
        "Danke",
        "Werk",
        "2025-10-06T08:00:00Z",
    )
    assert reply.targets[0].key == review.key
    with Tree.open(path) as tree:
        [member] = without(tree, TRUSTPILOT.private(tree)).members
        with member.open() as stream:
            assert b"a@x.example" not in stream.read()
