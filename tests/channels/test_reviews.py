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
    assert [(c.expected, c.found) for c in completeness.claims if c.expected is not None] == [(5, 2)]
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


def test_pictures_states_and_who_answered(read, tmp_path: Path) -> None:
    path = tmp_path / "g.json"
    review = {"name": "accounts/1/locations/2/reviews/a", "starRating": "STAR_RATING_UNSPECIFIED", "createTime": "2024-03-01T00:00:00Z", "reviewer": {"displayName": "Otto", "neu": "x"}, "reviewMediaItems": [{"googleUrl": "https://l.example/p.jpg"}], "reviewReply": {"comment": "Danke", "updateTime": "2024-03-02T00:00:00Z", "reviewReplyState": "REJECTED", "policyViolation": "Spam"}}  # fmt: skip
    path.write_text(json.dumps({"reviews": [review]}))
    first, reply = read(GOOGLE, path).items
    assert (first.rating, first.attachments[0].url) == (None, "https://l.example/p.jpg")
    assert dict(first.extra)["reviewer neu"] == "x"
    assert dict(reply.extra) == {"reviewReplyState": "REJECTED", "policyViolation": "Spam"}


def test_trustpilot_tells_reports_replies_and_what_the_two_sides_asked(read, tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    value = json.loads(OWN["trustpilot"].files["reviews.json"])
    value["reviews"][0] |= {
        "companyReply": {"text": "Danke", "createdAt": "2025-10-05T08:00:00Z", "authorBusinessUserName": "Lea"},
        "reportData": {"reason": "consumer_is_competitor"},
        "location": "Berlin",
        "attachments": [{"processedFiles": [{"url": "https://t.example/i.jpg", "mimeType": "image/jpeg"}]}],
        "findReviewer": {"requests": [{"id": "f", "created": "2025-10-06T08:00:00Z", "message": "Welche Bestellung?", "consumerResponse": {"message": "4711", "createdAt": "2025-10-07T08:00:00Z"}}]},
    }  # fmt: skip
    path.write_text(json.dumps(value))
    outcome = read(TRUSTPILOT, path)
    review, reply, asked, answered = outcome.items
    assert {"reportData", "location"} <= dict(review.extra).keys()
    assert outcome.readings[0].unknown_fields == frozenset()
    assert review.attachments[0].name == "i.jpg"
    assert dict(reply.extra) == {"authorBusinessUserName": "Lea"}
    assert [(one.text, one.visibility) for one in (asked, answered)] == [("Welche Bestellung?", "direct"), ("4711", "direct")]  # fmt: skip
    assert (asked.author, answered.author) == (reply.author, review.author)
    assert asked.thread == answered.thread != review.thread, "with it no other reviewer's is handed out"


def test_trustpilot_products_and_columns(read, detect, tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    path.write_text(json.dumps({"productReviews": [{"id": "p", "createdAt": "2024-03-04T09:00:00Z", "businessUnitId": "b", "stars": 5, "content": "hält", "product": {"name": "Pumpe", "sku": "S1"}, "consumer": {"id": "c", "displayName": "Otto"}, "firstCompanyComment": {"comment": "Danke"}}]}))  # fmt: skip
    product, reply = read(TRUSTPILOT, path).items
    assert (product.title, product.text, product.thread.id, dict(product.extra)["product sku"]) == ("Pumpe", "hält", "b", "S1")  # fmt: skip
    assert reply.text == "Danke"
    path = tmp_path / "r.csv"
    path.write_text(
        "Review Id,Review Created (UTC),Review Username,Review User Email,Review Stars,Review Title,Review Content,Company Reply Date (UTC),Company Reply Content\n"
        'r1,2024-03-04 09:00:00,Otto,otto@x.example,2,Nie,"Preis\nversprochen, otto@x.example",2024-03-06 09:00:00,50 Euro\n'
    )
    assert detect(TRUSTPILOT, path) == 95
    review, reply = read(TRUSTPILOT, path).items
    assert (review.key.id, review.rating.value, review.time.utc) == ("r1", "2", "2024-03-04T09:00:00Z")
    assert (reply.text, reply.time.utc, reply.targets[0].key) == (
        "50 Euro",
        "2024-03-06T09:00:00Z",
        review.key,
    )
    with Tree.open(path) as tree, without(tree, TRUSTPILOT.private(tree)).members[0].open() as stream:
        assert b"otto@x" not in stream.read()


def test_a_reply_in_columns_of_either_name_is_read(read, tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv"
    path.write_text(
        "Review Id,Review Content,Review Stars,Review Created (UTC),Consumer Username,Company Reply Text,Company Reply Id\n"
        "1,Lange gewartet,2,2024-01-01 10:00:00,Anna,Wir erstatten,77\n"
    )
    review, reply = read(TRUSTPILOT, path).items
    assert (review.author.written, reply.text) == ("Anna", "Wir erstatten")
