"""Webhooks of the Cloud API: edits, revocations, echoes, history, receipts, media."""

import json
from pathlib import Path

from archive.channels.whatsapp_business import WhatsAppBusiness
from archive.reading.units import UnitRead

READER = WhatsAppBusiness()


def payload(field: str = "messages", **value: object) -> dict[str, object]:
    told = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "4922", "phone_number_id": "99"},
    }
    return {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [{"value": told | value, "field": field}]}]}  # fmt: skip


def message(ident: str, kind: str, **more: object) -> dict[str, object]:
    return {"from": "4911", "id": ident, "timestamp": "1697043223", "type": kind, **more}


def put(tmp_path: Path, *payloads: object) -> Path:
    path = tmp_path / "hooks.json"
    path.write_text(json.dumps(list(payloads)))
    return path


def test_edits_revocations_and_reactions_are_events(read, tmp_path: Path) -> None:
    edit = {
        "original_message_id": "wamid.1",
        "message": {"type": "text", "text": {"body": "neu"}, "context": {"id": "M0"}},
    }
    path = put(
        tmp_path,
        payload(messages=[message("wamid.2", "edit", edit=edit)]),
        payload(messages=[message("wamid.3", "revoke", revoke={"original_message_id": "wamid.1"})]),
        payload(messages=[message("wamid.4", "reaction", reaction={"message_id": "wamid.1", "emoji": "👍"})]),
        payload(messages=[message("wamid.5", "reaction", reaction={"message_id": "wamid.1"})]),
    )
    items = read(READER, path).items
    assert [(i.event, i.targets[0].written_id) for i in items] == [
        ("edited", "wamid.1"),
        ("deleted", "wamid.1"),
        ("reacted", "wamid.1"),
        ("unreacted", "wamid.1"),
    ]
    assert items[0].text == "neu"


def test_echoes_history_and_receipts_fall_into_the_thread_of_the_other_side(read, tmp_path: Path) -> None:
    echo = {"from": "4922", "to": "4911", "id": "wamid.6", "timestamp": "1697043223", "type": "text", "text": {"body": "vom Telefon"}}  # fmt: skip
    old = [{"metadata": {"phase": 0, "chunk_order": 1, "progress": 55}, "threads": [{"id": "4911", "messages": [echo | {"id": "wamid.7"}, message("wamid.8", "text", text={"body": "alt"})]}]}]  # fmt: skip
    read_ = {"id": "wamid.6", "status": "read", "timestamp": "1697043224", "recipient_id": "4911"}
    path = put(
        tmp_path,
        payload("smb_message_echoes", message_echoes=[echo]),
        payload("history", history=old),
        payload(statuses=[read_]),
        payload("account_update", event="VERIFIED_ACCOUNT"),
    )
    outcome = read(READER, path)
    assert outcome.counts == (4, 0, 1)
    assert {item.thread.id for item in outcome.items} == {"99/4911"}
    assert [item.event for item in outcome.items] == ["posted", "posted", "posted", "read"]
    assert outcome.items[0].author.account.id == "99"
    assert {item.via.id for item in outcome.items} == {"99"}


def test_media_are_found_by_their_id_and_addresses_lose_their_tokens(read, tmp_path: Path) -> None:
    image = {
        "mime_type": "image/jpeg",
        "id": "654",
        "sha256": "x",
        "caption": "Pumpe",
        "url": "https://x.example/a?hash=geheim",
    }
    path = put(tmp_path, payload(messages=[message("wamid.9", "image", image=image)]))
    [item] = read(READER, tmp_path).items
    assert (item.text, item.attachments[0].state, item.attachments[0].url) == (
        "Pumpe",
        "missing",
        "https://x.example/a",
    )
    (tmp_path / "654.jpg").write_bytes(b"x")
    assert read(READER, tmp_path).items[0].attachments[0].state == "present"
    assert path.exists()


def test_other_kinds_keep_their_words(read, tmp_path: Path) -> None:
    path = put(
        tmp_path,
        payload(
            messages=[
                message("a", "contacts", contacts=[{"name": {"formatted_name": "Bob"}}]),
                message("b", "location", location={"latitude": 1.5, "name": "Werk", "address": "Köln"}),
                message(
                    "c",
                    "interactive",
                    interactive={"type": "button_reply", "button_reply": {"id": "1", "title": "Ja"}},
                ),
                message("d", "system", system={"body": "Nummer gewechselt", "type": "user_changed_number"}),
                message("e", "unsupported", errors=[{"code": 131051}]),
                message("f", "neu", neu={"a": 1}),
                {"id": "g", "type": "text"},
            ]
        ),
    )
    outcome = read(READER, path)
    assert [item.text for item in outcome.items] == [
        "Bob",
        "Werk\nKöln",
        "Ja",
        "Nummer gewechselt",
        None,
        None,
    ]
    assert outcome.counts == (6, 1, 0)
    assert dict(outcome.items[1].extra)["latitude"] == "1.5"
    assert dict(outcome.items[5].extra)["a"] == "1"


def test_a_broken_line_loses_no_other(read, tmp_path: Path) -> None:
    good = json.dumps(payload(messages=[message("wamid.1", "text", text={"body": "a"})]))
    path = tmp_path / "hooks.jsonl"
    path.write_text(good + "\n" + good[:80] + "\n\n" + good.replace("wamid.1", "wamid.2") + "\n")
    assert read(READER, path).counts == (2, 1, 0)


def test_orders_and_forms_are_words_and_an_unknown_kind_is_counted(read, tmp_path: Path) -> None:
    piece = {"product_retailer_id": "K80", "quantity": 2, "item_price": 4711, "currency": "EUR"}
    order = message("wamid.1", "order", order={"text": "bitte", "product_items": [piece]})
    form = {"type": "nfm_reply", "nfm_reply": {"body": "Sent", "response_json": '{"frist": "5 Jahre"}'}}
    answer = message("wamid.2", "interactive", interactive=form)
    new = message("wamid.3", "neuerdings", neuerdings={"inhalt": "x"})
    reading = read(READER, put(tmp_path, payload(messages=[order, answer, new])))
    ordered, answered, unknown = reading.items
    assert ordered.text == "bitte\n2 × K80: 4711 EUR"
    assert answered.text == '{"frist": "5 Jahre"}'
    assert dict(unknown.extra)["inhalt"] == "x"
    counted = [sorted(one.unknown_fields) for one in reading.readings if isinstance(one, UnitRead)]
    assert counted == [[], [], ["neuerdings"]]
