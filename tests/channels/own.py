"""A small export of every channel: what it must know as its own, and what all others must leave alone.

``items`` is how many items stand in it, counted by reading it.
"""

import json
from dataclasses import dataclass

from tests.channels.car import repository


@dataclass(frozen=True)
class Own:
    files: dict[str, bytes]
    items: int


def as_json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


CHAT = b"24.02.24, 09:00 - Anna: Hallo\n24.02.24, 09:01 - Bob: Ja\nzweite Zeile\n"
DAY = b'[{"type": "message", "user": "U1", "text": "Hallo", "ts": "1709540000.000400"}]'
MAIL = b"From: a@x.example\nTo: b@y.example\nSubject: Hallo\nDate: Mon, 11 Mar 2024 08:00:12 +0100\n\nText\n"

# fmt: off
OWN: dict[str, Own] = {
    "whatsapp": Own({"c.txt": CHAT}, 2),
    "slack": Own({"room/2024-03-04.json": DAY}, 1),
    "email": Own({"a.eml": MAIL}, 1),
    "telegram": Own(
        {
            "result.json": as_json(
                {
                    "name": "Pumpe",
                    "type": "private_group",
                    "id": 42,
                    "messages": [
                        {"id": 1, "type": "message", "date": "2024-03-04T09:00:00", "date_unixtime": "1709539200", "from": "Anna", "from_id": "user1", "text": "Hallo", "text_entities": []},
                        {"id": 2, "type": "service", "date": "2024-03-04T09:01:00", "date_unixtime": "1709539260", "actor": "Bob", "actor_id": "user2", "action": "join_group_by_link", "text": ""},
                    ],
                }
            )
        },
        2,
    ),
    "facebook": Own(
        {
            "messages/inbox/anna_1/message_1.json": as_json({"participants": [{"name": "Anna"}, {"name": "Bob"}], "messages": [{"sender_name": "Anna", "timestamp_ms": 1709539200000, "content": "Gr\u00c3\u00bc\u00c3\u0178e", "type": "Generic", "photos": [{"uri": "messages/inbox/anna_1/photos/p.jpg", "creation_timestamp": 1709539200}]}, {"sender_name": "Bob", "timestamp_ms": 1709539100000, "content": "Ja", "type": "Generic"}], "title": "Anna", "thread_path": "inbox/anna_1"}),
            "messages/inbox/anna_1/photos/p.jpg": b"\xff\xd8\xff",
            "posts/your_posts_1.json": as_json([{"timestamp": 1709539300, "data": [{"post": "Neue Pumpe"}], "title": "Status"}]),
        },
        3,
    ),
    "instagram": Own(
        {
            "your_instagram_activity/messages/inbox/bob_2/message_1.json": as_json({"participants": [{"name": "Anna"}, {"name": "Bob"}], "messages": [{"sender_name": "Bob", "timestamp_ms": 1709539200000, "content": "Hallo"}], "title": "Bob", "thread_path": "inbox/bob_2"}),
            "your_instagram_activity/comments/post_comments_1.json": as_json([{"string_map_data": {"Kommentar": {"value": "Sch\u00c3\u00b6n"}, "Eigent\u00c3\u00bcmer": {"value": "bob"}, "Zeit": {"timestamp": 1709539300}}}]),
        },
        2,
    ),
    "linkedin": Own(
        {
            "messages.csv": b"CONVERSATION ID,CONVERSATION TITLE,FROM,SENDER PROFILE URL,TO,RECIPIENT PROFILE URLS,DATE,SUBJECT,CONTENT,FOLDER\r\n2-a=,,Petra,https://l.example/in/p,Jonas,https://l.example/in/j,2026-03-02 08:15:44 UTC,,\"Hallo,\nJonas\",INBOX\r\n2-a=,,Jonas,https://l.example/in/j,Petra,https://l.example/in/p,2026-03-02 08:16:44 UTC,,Ja,INBOX\r\n",
            "Comments.csv": b"Date,Link,Message\n2026-01-05 07:00:00,https://l.example/u,\"Gut, \"\"danke\"\"\"\n",
        },
        3,
    ),
    "x": Own(
        {
            "data/account.js": b'window.YTD.account.part0 = [ {"account" : {"username" : "werk", "accountId" : "7", "accountDisplayName" : "Werk"}} ]',
            "data/tweets.js": b'window.YTD.tweets.part0 = [ {"tweet" : {"id_str" : "11", "created_at" : "Wed Oct 10 20:19:24 +0000 2018", "full_text" : "Neu &amp; gut", "entities" : {"urls" : []}}} ]',
            "data/direct-messages.js": b'window.YTD.direct_messages.part0 = [ {"dmConversation" : {"conversationId" : "7-8", "messages" : [ {"messageCreate" : {"id" : "21", "senderId" : "8", "recipientId" : "7", "text" : "Hallo", "createdAt" : "2023-03-26T01:30:00.000Z"}} ]}} ]',
        },
        2,
    ),
    "whatsapp-business": Own(
        {
            "hooks.jsonl": b"\n".join(
                as_json({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [{"value": {"messaging_product": "whatsapp", "metadata": {"display_phone_number": "4922", "phone_number_id": "99"}, **value}, "field": "messages"}]}]})
                for value in (
                    {"contacts": [{"profile": {"name": "Anna"}, "wa_id": "4911"}], "messages": [{"from": "4911", "id": "wamid.1", "timestamp": "1697043223", "type": "text", "text": {"body": "Hallo"}}]},
                    {"statuses": [{"id": "wamid.2", "status": "read", "timestamp": "1697043224", "recipient_id": "4911"}]},
                )
            )
        },
        2,
    ),
    "teams": Own(
        {
            "messages.json": as_json({"value": [{"id": "1", "messageType": "message", "createdDateTime": "2021-03-28T21:11:12.395Z", "chatId": "19:a@thread.v2", "from": {"user": {"id": "u1", "displayName": "Anna"}}, "body": {"contentType": "html", "content": "<p>Hallo</p>"}, "attachments": [], "mentions": [], "reactions": []}]})
        },
        1,
    ),
    "discord": Own(
        {
            "kanal.json": as_json({"guild": {"id": "5", "name": "Werk"}, "channel": {"id": "6", "type": "GuildTextChat", "name": "pumpe"}, "messages": [{"id": "7", "type": "Default", "timestamp": "2023-01-06T14:03:03.853+00:00", "content": "Hallo", "author": {"id": "8", "name": "anna"}, "attachments": [{"id": "1", "url": "kanal.json_Files\\a.png", "fileName": "a.png", "fileSizeBytes": 1}]}], "messageCount": 1}),
            "kanal.json_Files/a.png": b"png",
            "messages/c9/channel.json": b'{"id": "9", "type": "DM", "recipients": ["1", "2"]}',
            "messages/c9/messages.json": b'[{"ID": 1200000000000000002, "Timestamp": "2026-03-14 09:00:05", "Contents": "Ja", "Attachments": ""}]',
        },
        2,
    ),
    "google-chat": Own(
        {
            "Google Chat/Groups/Space AAA/messages.json": as_json({"messages": [{"creator": {"name": "Anna", "email": "a@x.example", "user_type": "Human"}, "created_date": "Thursday, November 3, 2022 at 11:59:50\u202fAM UTC", "text": "Hallo", "topic_id": "t", "message_id": "AAA/t/t"}]}),
            "Google Chat/Groups/Space AAA/group_info.json": as_json({"name": "Pumpe", "members": [{"name": "Anna", "email": "a@x.example", "user_type": "Human"}]}),
        },
        1,
    ),
    "signal": Own(
        {
            "main.jsonl": b"\n".join(
                as_json(frame)
                for frame in (
                    {"version": "1", "backupTimeMs": "1715636551000", "mediaRootBackupKey": "q6urq6urq6s="},
                    {"account": {"profileKey": "YQKRq+3DQklI", "username": "werk.01", "givenName": "Werk"}},
                    {"recipient": {"id": "1", "self": {}}},
                    {"recipient": {"id": "4", "contact": {"aci": "AAoRzgAAQACAAAAAAAAAAQ==", "e164": "16105550101", "profileKey": "1111", "profileGivenName": "Anna"}}},
                    {"chat": {"id": "2", "recipientId": "4"}},
                    {"chatItem": {"chatId": "2", "authorId": "4", "dateSent": "1709539200000", "incoming": {"dateReceived": "1"}, "standardMessage": {"text": {"body": "Hallo"}}}},
                    {"chatItem": {"chatId": "2", "authorId": "1", "dateSent": "1709539300000", "outgoing": {"sendStatus": [{"recipientId": "4", "timestamp": "1709539400000", "read": {}}]}, "standardMessage": {"text": {"body": "Ja"}}}},
                )
            )
        },
        3,
    ),
    "google-business": Own(
        {"reviews.json": as_json({"reviews": [{"reviewId": "r1", "name": "accounts/1/locations/2/reviews/r1", "reviewer": {"displayName": "Anna"}, "starRating": "FOUR", "comment": "Gut", "createTime": "2024-01-15T10:30:00Z", "updateTime": "2024-01-15T10:30:00Z", "reviewReply": {"comment": "Danke", "updateTime": "2024-02-02T08:00:00Z"}}]})},
        2,
    ),
    "trustpilot": Own(
        {"reviews.json": as_json({"reviews": [{"id": "66", "stars": 2, "title": "Spät", "text": "Lange gewartet", "createdAt": "2025-10-04T09:15:00Z", "referralEmail": "a@x.example", "consumer": {"id": "5", "displayName": "Anna"}, "businessUnit": {"id": "b", "displayName": "Werk"}}]})},
        1,
    ),
    "zendesk": Own(
        {
            "audits.json": as_json({"audits": [{"id": 5, "ticket_id": 1, "created_at": "2023-09-09T23:52:05Z", "author_id": 7, "metadata": {"system": {"ip_address": "198.51.100.7"}}, "events": [{"id": 8, "type": "Comment", "author_id": 7, "body": "Hallo", "html_body": "<p>Hallo</p>", "public": False}, {"id": 9, "type": "Change", "field_name": "status", "value": "open"}]}]}),
        },
        2,
    ),
    "intercom": Own(
        {
            "c.json": as_json({"type": "conversation", "id": "503", "created_at": 1734537511, "updated_at": 1734537511, "source": {"type": "conversation", "id": "40", "delivered_as": "customer_initiated", "subject": "", "body": "<p>Hallo</p>", "author": {"type": "user", "id": "1", "name": "Anna"}, "attachments": []}, "conversation_parts": {"type": "conversation_part.list", "conversation_parts": [{"type": "conversation_part", "id": "41", "part_type": "note", "body": "<p>intern</p>", "created_at": 1734537512, "author": {"type": "admin", "id": "2", "name": "Bob"}}], "total_count": 1}}),
        },
        2,
    ),
    "matrix": Own(
        {
            "export.json": as_json({"room_name": "Pumpe", "messages": [{"type": "m.room.message", "sender": "@anna:x.example", "content": {"msgtype": "m.text", "body": "Hallo"}, "origin_server_ts": 1738742400000, "event_id": "$1", "room_id": "!r:x.example"}]}),
        },
        1,
    ),
    "reddit": Own(
        {
            "comments.csv": b"id,permalink,date,ip,subreddit,gildings,link,parent,body,media\nk1,https://r.example/r/de/comments/p1/t/k1/,2023-01-15 12:34:56 UTC,198.51.100.7,de,0,https://r.example/r/de/comments/p1/t/,,\"hallo\nWelt\",\n",
            "listing.json": as_json({"kind": "Listing", "data": {"children": [{"kind": "t1", "data": {"id": "a", "name": "t1_a", "author": "anna", "parent_id": "t3_p", "link_id": "t3_p", "subreddit": "de", "body": "Ja", "edited": False, "created_utc": 1458452367.0, "replies": ""}}]}}),
        },
        2,
    ),
    "youtube": Own(
        {
            "YouTube und YouTube Music/Kommentare/Kommentare.csv": "Kommentar-ID,Kanal-ID,Erstellungszeit,Preis,Übergeordnete ID,Video-ID,Text,Oberste ID\nUgx1234567,UC1,2026-01-01T00:00:00+00:00,0,,v1,\"{\"\"text\"\":\"\"Danke \"\"},{\"\"text\"\":\"\"schön\"\"}\",\n".encode(),
        },
        1,
    ),
    "table": Own({"formular.csv": "Datum;Uhrzeit;Absender;Empfänger;Nachricht\n03.02.2025;09:15;Petra;info;\"Guten Tag;\nRückruf\"\n04.02.2025;10:00;Jan;info;=1+1\n".encode("cp1252")}, 2),
    "mastodon": Own(
        {
            "actor.json": as_json({"@context": [], "id": "https://m.example/users/werk", "type": "Person", "preferredUsername": "werk", "name": "Werk", "inbox": "https://m.example/users/werk/inbox"}),
            "outbox.json": as_json({"@context": "https://www.w3.org/ns/activitystreams", "id": "outbox.json", "type": "OrderedCollection", "totalItems": 1, "orderedItems": [{"id": "https://m.example/users/werk/statuses/1/activity", "type": "Create", "actor": "https://m.example/users/werk", "published": "2023-01-05T09:00:00Z", "to": ["https://www.w3.org/ns/activitystreams#Public"], "cc": [], "object": {"id": "https://m.example/users/werk/statuses/1", "type": "Note", "published": "2023-01-05T09:00:00Z", "attributedTo": "https://m.example/users/werk", "to": ["https://www.w3.org/ns/activitystreams#Public"], "content": "<p>Hallo</p>", "attachment": [{"type": "Document", "mediaType": "image/jpeg", "url": "/media_attachments/files/1/original/a.jpg"}]}}]}),
            "media_attachments/files/1/original/a.jpg": b"x",
        },
        1,
    ),
    "feed": Own({"feed.xml": '<?xml version="1.0"?><rss version="2.0"><channel><title>Werk</title><link>https://x.example/</link><item><title>Neu</title><guid>1</guid><pubDate>Tue, 04 Dec 2012 00:00:00 +0000</pubDate><description><![CDATA[<p>Größer</p>]]></description></item></channel></rss>'.encode()}, 1),
    "discourse": Own({"t.json": as_json({"post_stream": {"posts": [{"id": 5, "username": "anna", "created_at": "2020-01-25T02:10:07.971Z", "cooked": "<p>Hallo</p>", "post_number": 1, "post_type": 1, "topic_id": 9, "version": 1}], "stream": [5]}, "id": 9, "title": "Pumpe", "archetype": "regular"})}, 1),
    "xmpp": Own({"mam.xml": b"<message to='werk@x.example'><result xmlns='urn:xmpp:mam:2' id='28482'><forwarded xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay' stamp='2010-07-10T23:08:25Z'/><message xmlns='jabber:client' from='anna@x.example/tel' to='werk@x.example'><body>Hallo &amp; gut</body></message></forwarded></result></message>\n<message from='anna@x.example' to='werk@x.example' id='2'><body>zwei</body></message>"}, 2),
    "web": Own({"seite.warc": b"WARC/1.0\r\nWARC-Type: warcinfo\r\nContent-Length: 4\r\n\r\na: b\r\n\r\nWARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:1>\r\nWARC-Target-URI: https://x.example/a\r\nWARC-Date: 2020-01-01T00:00:00Z\r\nContent-Type: application/http; msgtype=response\r\nContent-Length: 77\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html><body>Preis 5</body></html>\r\n\r\n"}, 1),
    "bluesky": Own({"repo.car": repository({"app.bsky.feed.post/3k2yihcrp6f2c": {"$type": "app.bsky.feed.post", "text": "Hallo", "createdAt": "2024-02-22T19:58:13.903Z"}, "app.bsky.feed.like/3k2yihcrp6f2d": {"$type": "app.bsky.feed.like", "subject": {"uri": "at://did:plc:a/app.bsky.feed.post/1", "cid": "b"}, "createdAt": "2024-02-22T19:58:13.903Z"}})}, 2),
    "rsmf": Own({"rsmf_manifest.json": as_json({"version": "2.0.0", "participants": [{"id": "1", "display": "Anna"}], "conversations": [{"id": "c", "display": "Pumpe", "platform": "slack", "type": "channel", "participants": ["1"]}], "events": [{"id": "e1", "type": "message", "conversation": "c", "participant": "1", "timestamp": "2013-01-10T15:53:00Z", "body": "Hallo", "attachments": [{"id": "a.png", "display": "Plan.png"}]}]}), "a.png": b"rsmf"}, 1),
    "phpbb": Own({"viewtopic.html": '<!DOCTYPE html><html><body id="phpbb" class="section-viewtopic ltr"><h2 class="topic-title"><a href="./viewtopic.php?t=42">Filter</a></h2><div id="p101" class="post bg2"><p class="author">von <strong><a href="./m.php?u=5" class="username">Klaus</a></strong> » <time datetime="2021-03-28T00:59:00+00:00">So</time></p><div class="content">Wie <div>tausche</div> ich?</div></div></body></html>'.encode()}, 1),
}
