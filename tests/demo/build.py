# ruff: noqa: E501, UP012 (exports have long lines)
"""Builds the demo exports of ``archive/demo``, byte for byte the same everywhere: nothing is compressed.

Run ``python tests/demo/build.py`` after a change; a test compares the result with what is committed.
"""

import base64
import io
import json
import struct
import sys
import zipfile
import zlib
from pathlib import Path

DEMO = Path(__file__).resolve().parents[2] / "archive" / "demo"
LRM = "\u200e"

CHAT = f"""\
[04.03.24, 08:02:11] Pumpen Halle 3: {LRM}Nachrichten und Anrufe sind Ende-zu-Ende-verschlüsselt. Nur Personen in diesem Chat können sie lesen, anhören oder teilen.
[04.03.24, 08:02:11] Einkauf: {LRM}Du hast die Gruppe erstellt.
[04.03.24, 08:02:40] Einkauf: {LRM}Du hast Lieferant Pumpen hinzugefügt.
[04.03.24, 08:02:52] Einkauf: {LRM}Du hast Werkstatt hinzugefügt.
[04.03.24, 08:05:30] Einkauf: Guten Morgen zusammen, hier klären wir alles zur Kreiselpumpe für Halle 3.
[04.03.24, 08:11:02] Lieferant Pumpen: Moin, sehr gerne. Welche Baugröße braucht ihr?
[04.03.24, 08:14:47] Werkstatt: Förderhöhe 32 m, 45 m³/h, Medium Kühlwasser mit Glykol.
[04.03.24, 08:15:20] Werkstatt: Skizze vom Fundament:
{LRM}[04.03.24, 08:15:41] Werkstatt: {LRM}<Anhang: 00000009-PHOTO-2024-03-04-08-15-41.png>
[04.03.24, 08:40:13] Lieferant Pumpen: Dann passt die Baureihe K 80. Angebot kommt heute noch.
{LRM}[04.03.24, 14:22:09] Lieferant Pumpen: Angebot K80.pdf • {LRM}1 Seite {LRM}<Anhang: 00000011-Angebot K80.pdf>
[04.03.24, 14:23:30] Lieferant Pumpen: Preis 11.840 € netto, bleibt bis Ende April so, da gebe ich euch mein Wort drauf.
[04.03.24, 15:01:55] Einkauf: Danke! Wie lange ist die Garantie? Im Angebot stehen nur zwei Jahre.
[04.03.24, 15:07:18] Lieferant Pumpen: Auf die Gleitringdichtung und das Laufrad: da habt ihr 5 Jahre Garantie drauf, sag ich euch so zu.
[04.03.24, 15:08:02] Einkauf: Super, halten wir so fest: 5 Jahre auf Dichtung und Laufrad.
[04.03.24, 15:08:40] Lieferant Pumpen: Genau 👍 Verschleiß wie Lager ist natürlich raus.
[05.03.24, 09:12:26] Werkstatt: Wann könnt ihr liefern? Wir haben nur KW 16 für den Umbau:
- Montag: alte Pumpe raus
- Dienstag: Fundament
- Mittwoch: neue Pumpe rein
[05.03.24, 09:30:00] Lieferant Pumpen: Liefertermin 15. April verbindlich, spätestens 7 Uhr am Tor 2. {LRM}<Diese Nachricht wurde bearbeitet.>
[05.03.24, 09:31:44] Einkauf: Bestätigt. Bestellung geht heute raus, Nr. 4711-24.
[05.03.24, 09:33:12] Lieferant Pumpen: {LRM}Diese Nachricht wurde gelöscht.
[05.03.24, 09:34:50] Einkauf: Was war das? Ich konnte es nicht mehr lesen.
[05.03.24, 09:36:05] Lieferant Pumpen: Falscher Chat, sorry.
[05.03.24, 11:20:37] Einkauf: {LRM}Einkauf hat den Gruppennamen zu „Pumpe K80: Bestellung 4711-24“ geändert.
[12.03.24, 16:45:09] Lieferant Pumpen: Kurze Info: Der Motor kommt von einem anderen Hersteller, gleiche Leistung, IE4 statt IE3. Kostet euch nichts extra.
[12.03.24, 16:52:31] Werkstatt: Ok für uns, wenn die Anschlussmaße gleich bleiben.
[12.03.24, 16:53:15] Lieferant Pumpen: Bleiben exakt gleich, garantiert.
[31.03.24, 01:30:00] Werkstatt: Nachtschicht meldet: alte Pumpe läuft heiß 🥵
[02.04.24, 07:58:20] Einkauf: Bitte denkt an die Lieferung am 15.4.
{LRM}[02.04.24, 08:31:46] Lieferant Pumpen: {LRM}<Anhang: 00000031-AUDIO-2024-04-02-08-31-46.opus>
[02.04.24, 08:33:02] Lieferant Pumpen: Sprachnachricht in kurz: LKW ist gebucht.
[15.04.24, 06:52:18] Werkstatt: LKW steht am Tor 2 👏
[15.04.24, 10:17:40] Werkstatt: Eine Flansch-Dichtung fehlt im Karton.
[15.04.24, 10:25:03] Lieferant Pumpen: Schicke ich sofort nach, kostenlos, morgen bis 12 Uhr ist sie da. Versprochen.
[16.04.24, 11:40:55] Werkstatt: Dichtung ist da, danke.
[17.04.24, 15:59:12] Werkstatt: Pumpe läuft, 45,6 m³/h gemessen.
[17.04.24, 16:03:30] Lieferant Pumpen: Sehr gut! Inbetriebnahme also 17.4.24, ab da zählt die Garantie.
[17.04.24, 16:05:00] Einkauf: Einverstanden. Rechnung bitte mit 3 % Skonto wie am Telefon besprochen.
[17.04.24, 16:09:21] Lieferant Pumpen: Ja, 3 % bei Zahlung in 10 Tagen geht klar.
{LRM}[17.04.24, 16:12:48] Werkstatt: {LRM}Bild weggelassen
[18.04.24, 09:00:07] Lieferant Pumpen: {LRM}Verpasster Sprachanruf. Zum Zurückrufen tippen
[18.04.24, 09:14:33] Einkauf: War im Termin. Schreib mir bitte, dann haben wir es schriftlich.
[18.04.24, 09:20:10] Lieferant Pumpen: Wollte nur sagen: Wartung im ersten Jahr ist bei uns inklusive.
"""

LATER = f"""\
[18.04.24, 09:31:00] Einkauf: Notiert: Wartung im ersten Jahr inklusive.
[22.04.24, 13:05:12] Werkstatt: Erste Woche ohne Störung 👍
[23.04.24, 08:44:01] Lieferant Pumpen: Rechnung ist unterwegs, Skonto habe ich eingetragen.
{LRM}[23.04.24, 08:45:10] Lieferant Pumpen: {LRM}<Anhang: 00000046-Rechnung 2024-0815.pdf>
[02.05.24, 10:00:59] Einkauf: Bezahlt.
"""

TEAM = "T0DEMO0001"
USERS = [
    ("U0DEMO0001", "einkauf", "Einkauf", False),
    ("U0DEMO0002", "technik", "Technik", False),
    ("U0DEMO0003", "recht", "Recht", False),
    ("U0DEMO0004", "leitung", "Leitung Werk", False),
    ("U0DEMO0005", "praktikum", "Praktikum", True),
]
EINKAUF, TECHNIK, RECHT, LEITUNG, PRAKTIKUM = (user[0] for user in USERS)
ROOMS = {"einkauf-pumpen": "C0DEMO0001", "werkstatt": "C0DEMO0002"}


def said(ts: str, user: str, text: str, **more: object) -> dict[str, object]:
    """A message of a day file."""
    return {"type": "message", "user": user, "text": text, "ts": ts, "team": TEAM, **more}


DAYS: dict[str, list[dict[str, object]]] = {
    "einkauf-pumpen/2024-03-04.json": [
        said("1709537400.000100", EINKAUF, f"<@{EINKAUF}> has joined the channel", subtype="channel_join"),
        said("1709537401.000200", TECHNIK, f"<@{TECHNIK}> has joined the channel", subtype="channel_join", inviter=EINKAUF),
        said("1709537460.000300", EINKAUF, "set the channel topic: Pumpe Halle 3", subtype="channel_topic", topic="Pumpe Halle 3"),
        said("1709540000.000400", EINKAUF, f"<@{TECHNIK}> Lieferant Pumpen bietet die K 80 an. Reicht die Förderhöhe &gt; 30 m?"),
        said("1709540300.000500", TECHNIK, "Ja, 32 m bei 45 m³/h. Passt.", reactions=[{"name": "+1::skin-tone-3", "users": [EINKAUF, LEITUNG], "count": 2}]),
        said("1709562300.000600", EINKAUF, "Angebot liegt hier:", files=[{"id": "F0DEMO0001", "name": "Angebot K80.pdf", "title": "Angebot K80", "mimetype": "application/pdf", "size": 18211, "mode": "hosted", "url_private": "https://files.example/files-pri/T0DEMO0001-F0DEMO0001/angebot_k80.pdf?t=xoxe-0000-1111-2222-demo"}]),
        said("1709564900.000700", EINKAUF, "Lieferant sagt im Chat *5 Jahre Garantie* auf Dichtung und Laufrad zu. Im Angebot stehen zwei.", thread_ts="1709564900.000700", reply_count=3, reply_users=[RECHT, LEITUNG], reply_users_count=2, edited={"user": EINKAUF, "ts": "1709565000.000000"}),
        said("1709565200.000800", RECHT, "Bitte den Chat aufheben. Eine Zusage im Chat ist eine Zusage, aber wir brauchen sie vollständig.", thread_ts="1709564900.000700", parent_user_id=EINKAUF),
        said("1709565500.000900", LEITUNG, "Freigabe bis 12.000 €.", thread_ts="1709564900.000700", parent_user_id=EINKAUF, subtype="thread_broadcast"),
    ],
    "einkauf-pumpen/2024-03-05.json": [
        said("1709626000.000100", RECHT, "Nachtrag: Skonto und Wartung auch schriftlich geben lassen.", thread_ts="1709564900.000700", parent_user_id=EINKAUF),
        said("1709627600.000200", EINKAUF, "Liefertermin 15. April ist *verbindlich* zugesagt. Bestellung <https://einkauf.example/4711-24|4711-24> ist raus."),
        {"type": "message", "subtype": "tombstone", "user": "USLACKBOT", "text": "This message was deleted.", "ts": "1709627800.000300", "hidden": True},
        said("1709628000.000400", PRAKTIKUM, "Sorry, falscher Kanal."),
        {"type": "message", "subtype": "bot_message", "bot_id": "B0DEMO0001", "username": "Bestellsystem", "text": "", "ts": "1709628100.000500", "attachments": [{"fallback": "Bestellung 4711-24 angelegt", "pretext": "Neue Bestellung", "title": "4711-24", "text": "Kreiselpumpe K 80, 11.840 € netto", "id": 1}]},
        said("1709628200.000600", LEITUNG, "Danke &amp; gut verhandelt :tada:", reactions=[{"name": "tada", "users": [EINKAUF], "count": 1}]),
        said("1709640000.000700", EINKAUF, "pinned a message to this channel.", subtype="pinned_item"),
    ],
    "einkauf-pumpen/2024-04-15.json": [
        said("1713157200.000100", TECHNIK, "LKW ist da, aber eine Flansch-Dichtung fehlt."),
        said("1713158000.000200", EINKAUF, "Lieferant schickt sie kostenlos nach, morgen bis 12 Uhr.", edited={"user": EINKAUF, "ts": "1713158060.000000"}),
        {"type": "message", "subtype": "message_changed", "hidden": True, "ts": "1713158060.000300", "message": {"type": "message", "user": EINKAUF, "text": "Lieferant schickt sie kostenlos nach, morgen bis 12 Uhr.", "ts": "1713158000.000200", "edited": {"user": EINKAUF, "ts": "1713158060.000000"}}, "previous_message": {"type": "message", "user": EINKAUF, "text": "Lieferant schickt sie nach, morgen.", "ts": "1713158000.000200"}},
        {"type": "message", "subtype": "message_deleted", "hidden": True, "ts": "1713158100.000400", "deleted_ts": "1713158090.000350", "previous_message": {"type": "message", "user": TECHNIK, "text": "Typisch.", "ts": "1713158090.000350"}},
    ],
    "werkstatt/2024-04-17.json": [
        said("1713340000.000100", TECHNIK, f"<@{TECHNIK}> has joined the channel", subtype="channel_join"),
        said("1713362400.000200", TECHNIK, "Pumpe läuft: 45,6 m³/h, Motor 62 °C.", blocks=[{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "Pumpe läuft: 45,6 m³/h, Motor 62 °C."}]}]}]),
        said("1713362500.000300", EINKAUF, "Damit beginnt die Garantie heute, 17.4.2024. Lieferant hat es bestätigt."),
        said("1713362600.000400", TECHNIK, "Messprotokoll folgt.", files=[{"id": "F0DEMO0002", "mode": "tombstone"}]),
        said("1713362700.000500", "U0DEMO0099", "Gastzugang Lieferant: danke für das Vertrauen!", user_profile={"display_name": "Gast Lieferant", "real_name": "Gast Lieferant", "name": "gast"}),
        said("1713363000.000600", PRAKTIKUM, f"<@{PRAKTIKUM}> has left the channel", subtype="channel_leave"),
        said("1713363100.000700", TECHNIK, "has renamed the channel", subtype="channel_name", old_name="halle-3", name="werkstatt"),
    ],
}  # fmt: skip

DESK = "Kundendienst <kundendienst@pumpenwerk.example>"


def mail(number: int, sender: str, to: str, date: str, head: str, body: bytes) -> bytes:
    """One mail of the mailbox, with its separator line; the body may hold any bytes."""
    asctime = "Mon Mar 11 08:00:00 2024"
    fields = f"From: {sender}\nTo: {to}\nDate: {date}\nMessage-ID: <demo-{number:02}@pumpenwerk.example>\nMIME-Version: 1.0\n"
    quoted = body.replace(b"\nFrom ", b"\n>From ")
    return f"From MAILER-DAEMON {asctime}\n{fields}{head}\n".encode() + quoted.rstrip(b"\n") + b"\n\n"


def plain(charset: str, encoding: str = "8bit") -> str:
    """The fields of a text part."""
    return f'Content-Type: text/plain; charset="{charset}"\nContent-Transfer-Encoding: {encoding}\n'


def mailbox() -> bytes:
    """The mailbox of the customer service."""
    works = "Betrieb Klärwerk <betrieb@klaerwerk.example>"
    farm = "Hof am Bach <hof@landwirt.example>"
    city = "=?iso-8859-1?Q?Stadtwerke_B=FCro?= <buero@stadtwerke.example>"
    pdf = small_pdf("Garantieschein 2024-118")
    encoded = b"\n".join(base64_lines(pdf))
    mails = [
        mail(1, works, DESK, "Mon, 11 Mar 2024 08:00:12 +0100", "Subject: =?utf-8?Q?St=C3=B6rung_an_Pumpe_7?=\n" + plain("utf-8"), "Guten Tag,\n\ndie Pumpe 7 (Baujahr 2021) verliert Wasser an der Dichtung.\nLäuft da noch Garantie?\n\nBetrieb Klärwerk\n".encode()),
        mail(2, DESK, works, "Mon, 11 Mar 2024 09:14:40 +0100", "Subject: Re: =?utf-8?Q?St=C3=B6rung_an_Pumpe_7?=\nIn-Reply-To: <demo-01@pumpenwerk.example>\nReferences: <demo-01@pumpenwerk.example>\n" + plain("iso-8859-1"), "Guten Tag,\n\nja: auf die Dichtung geben wir Ihnen fünf Jahre Gewährleistung, also bis 2026.\nEin Monteur kommt am Mittwoch, für Sie kostenfrei.\n\nIhr Kundendienst\n".encode("iso-8859-1")),
        mail(3, works, DESK, "Mon, 11 Mar 2024 10:02:05 +0100", "Subject: Re: =?utf-8?Q?St=C3=B6rung_an_Pumpe_7?=\nIn-Reply-To: <demo-02@pumpenwerk.example>\nReferences: <demo-01@pumpenwerk.example> <demo-02@pumpenwerk.example>\n" + plain("utf-8"), "Danke, das halten wir fest.\n\nAm 11.03.2024 um 09:14 schrieb Kundendienst:\n> auf die Dichtung geben wir Ihnen fünf Jahre Gewährleistung, also bis 2026.\n> Ein Monteur kommt am Mittwoch, für Sie kostenfrei.\n".encode()),
        mail(4, city, DESK, "Tue, 12 Mar 2024 07:45:00 +0100", "Subject: =?windows-1252?Q?Angebot_=FCber_5.000_=80?=\n" + plain("windows-1252"), "Hallo,\n\nIhr Angebot über 5.000 € – gilt der Preis noch im Mai?\n\nStadtwerke Büro\n".encode("cp1252")),
        mail(5, DESK, city, "Tue, 12 Mar 2024 08:30:31 +0100", "Subject: =?windows-1252?Q?Re:_Angebot_=FCber_5.000_=80?=\nIn-Reply-To: <demo-04@pumpenwerk.example>\n" + plain("utf-8", "quoted-printable"), b"Guten Tag,\n\nder Preis von 5.000 =E2=82=AC gilt f=C3=BCr Sie bis 31. Mai, das sichern wir Ihnen z=\nu.\n\nIhr Kundendienst\n"),
        mail(6, farm, DESK, "Wed, 13 Mar 2024 18:20:09 +0100", "Subject: Brunnenpumpe\n" + plain("utf-8; format=flowed".replace('"', "")).replace('"utf-8; format=flowed"', "utf-8; format=flowed"), "Guten Abend, unsere Brunnenpumpe ist seit gestern laut und zieht Luft. \nKönnen Sie jemanden schicken?\n\n> Termin war für April geplant\nGeht es früher?\n".encode()),
        mail(7, DESK, farm, "Thu, 14 Mar 2024 07:55:44 +0100", "Subject: Re: Brunnenpumpe\nIn-Reply-To: <demo-06@pumpenwerk.example>\n" + plain("utf-8", "base64"), b"\n".join(base64_lines("Guten Morgen,\n\nwir sind spätestens am Freitag, 15. März, bei Ihnen. Versprochen.\nDie Anfahrt übernehmen wir.\n\nIhr Kundendienst\n".encode()))),
        mail(8, DESK, works, "Thu, 14 Mar 2024 15:10:00 +0100", 'Subject: Garantieschein\nContent-Type: multipart/mixed; boundary="teil"\n', b'--teil\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n' + "anbei der Garantieschein für Pumpe 7, gültig bis 11.03.2026.\n".encode() + b"\n--teil\nContent-Type: application/pdf; name*=utf-8''Garantieschein%20f%C3%BCr%20Pumpe%207.pdf\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment;\n filename*=utf-8''Garantieschein%20f%C3%BCr%20Pumpe%207.pdf\n\n" + encoded + b"\n--teil--\n"),
        mail(9, works, DESK, "Thu, 14 Mar 2024 16:01:13 +0100", "Subject: Re: Garantieschein\nIn-Reply-To: <demo-08@pumpenwerk.example>\nCc: Recht <recht@klaerwerk.example>\n" + plain("utf-8"), "Erhalten, danke. Unsere Rechtsabteilung liest mit.\n".encode()),
        mail(10, city, DESK, "Mon, 18 Mar 2024 09:00:00 +0100", 'Subject: Bestellung 88\nContent-Type: multipart/alternative; boundary="wahl"\n', "--wahl\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\nWir bestellen wie angeboten, Lieferung frei Baustelle.\n\n--wahl\nContent-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n<html><body><p>Wir bestellen wie angeboten, <b>Lieferung frei Baustelle</b>.</p></body></html>\n\n--wahl--\n".encode()),
        mail(11, DESK, city, "Mon, 18 Mar 2024 10:12:00 +0100", "Subject: Re: Bestellung 88\nIn-Reply-To: <demo-10@pumpenwerk.example>\n" + "Content-Type: text/html; charset=iso-8859-15\nContent-Transfer-Encoding: quoted-printable\n", b"<html><body><p>Best=E4tigt: Lieferung frei Baustelle bis 2. April, Preis 5.000 =A4.</p><p>Ihr Kundendienst</p></body></html>\n"),
        mail(12, farm, DESK, "Mon, 18 Mar 2024 19:30:00 +0100", "Subject: Danke\n" + plain("utf-8"), "Der Monteur war da.\n\nFrom dort aus läuft alles wieder.\n".encode()),
        mail(13, DESK, "undisclosed-recipients:;", "Tue, 19 Mar 2024 12:00:00 +0100", "Subject: Wartungsaktion\nBcc: hof@landwirt.example\n" + plain("utf-8"), "Wer bis Ende Juni wartet, bekommt ein Jahr Anschlussgarantie.\n".encode()),
        mail(14, works, DESK, "Wed, 20 Mar 2024 08:08:08 +0100", "Subject: Frist\n" + plain("utf-8"), "Bitte bestätigen Sie uns bis 31.03. schriftlich, dass die Nachbesserung kostenlos ist.\n".encode()),
        mail(15, DESK, works, "Wed, 20 Mar 2024 11:47:29 +0100", "Subject: Re: Frist\nIn-Reply-To: <demo-14@pumpenwerk.example>\n" + plain("utf-8"), "Wird bestätigt: Die Nachbesserung ist für Sie kostenlos.\n".encode()),
    ]  # fmt: skip
    return b"".join(mails)


def base64_lines(data: bytes) -> list[bytes]:
    """Base64 in lines of 76 characters."""
    return base64.encodebytes(data).rstrip(b"\n").split(b"\n")


def small_png() -> bytes:
    """A grey square of 16 by 16 pixels, stored without compression so that every zlib writes the same."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\x00" + bytes(40 + 8 * abs(8 - x) + 6 * y for x in range(16)) for y in range(16))
    header = struct.pack(">IIBBBBB", 16, 16, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows, 0))
        + chunk(b"IEND", b"")
    )


def small_pdf(title: str) -> bytes:
    """A page with one line of text."""
    stream = f"BT /F1 14 Tf 60 760 Td ({title}) Tj ET".encode("latin-1")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
    ]
    out = b"%PDF-1.4\n"
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = len(out)
    size = len(objects) + 1
    return out + b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, table, size, start)  # fmt: skip


def zipped(files: dict[str, bytes], date: tuple[int, int, int, int, int, int]) -> bytes:
    """A zip that is the same on every machine."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name, data in files.items():
            info = zipfile.ZipInfo(name, date)
            info.create_system = 3
            info.external_attr = 0o100644 << 16
            archive.writestr(info, data)
    return target.getvalue()


def slack() -> dict[str, bytes]:
    """The files of the Slack export."""
    users = [
        {"id": user, "team_id": TEAM, "name": name, "deleted": deleted, "real_name": title, "is_bot": False,
         "profile": {"real_name": title, "display_name": title, "email": f"{name}@werk.example"}}
        for user, name, title, deleted in USERS
    ]  # fmt: skip
    rooms = [
        {"id": room, "name": name, "created": 1709537000, "creator": EINKAUF, "is_archived": False,
         "members": [user[0] for user in USERS], "topic": {"value": ""}, "purpose": {"value": ""}}
        for name, room in ROOMS.items()
    ]  # fmt: skip
    log = [{"user_id": EINKAUF, "user_name": "einkauf", "date": "1709537100", "change_type": "added"}]
    files: dict[str, object] = {
        "users.json": users,
        "channels.json": rooms,
        "integration_logs.json": log,
        **DAYS,
    }
    return {name: json.dumps(data, ensure_ascii=False, indent=4).encode() for name, data in files.items()}


def build() -> dict[str, bytes]:
    """All demo exports by file name."""
    chat = {
        "_chat.txt": CHAT.replace("\n", "\r\n").encode(),
        "00000009-PHOTO-2024-03-04-08-15-41.png": small_png(),
        "00000011-Angebot K80.pdf": small_pdf("Angebot K 80: 11.840 EUR netto, Garantie 2 Jahre"),
    }
    return {
        "WhatsApp Chat - Pumpen Halle 3.zip": zipped(chat, (2024, 4, 19, 8, 0, 0)),
        "Slack-Export Werk.zip": zipped(slack(), (2024, 4, 20, 8, 0, 0)),
        "Kundendienst.mbox": mailbox(),
    }


def build_later() -> dict[str, bytes]:
    """An export of the same chat two weeks later, the oldest messages cut off: for tests of the overlap."""
    kept = CHAT.split("\n")[20:]
    text = "\n".join(kept) + LATER
    return {
        "WhatsApp Chat - Pumpen Halle 3.zip": zipped(
            {"_chat.txt": text.replace("\n", "\r\n").encode()}, (2024, 5, 3, 8, 0, 0)
        )
    }


if __name__ == "__main__":
    for name, data in build().items():
        (DEMO / name).write_bytes(data)
        sys.stdout.write(f"{name}: {len(data)} bytes\n")
    later = Path(__file__).parent / "later"
    later.mkdir(exist_ok=True)
    for name, data in build_later().items():
        (later / name).write_bytes(data)
