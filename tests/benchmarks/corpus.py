"""Generated exports in the manner of real ones: German and English, chats, a workspace, mails, with attachments.

The same number and kind give the same bytes. Sentences are put together from parts, so words repeat as they do in
real archives, and numbers, names and products grow with the corpus. Most is talk; about one message in ten says
something that binds. Chat messages have 10 to 300 characters, mails 200 to 1,500; one in forty has a file.
"""

import base64
import io
import json
import random
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

START = datetime(2019, 1, 7, 7, 30, tzinfo=UTC)
PEOPLE = (
    "Einkauf", "Lieferant Nord", "Werkstatt", "Kundendienst", "Disposition", "Sales Desk", "Field Service", "Labor",
)  # fmt: skip
PRODUCTS = (
    "Kreiselpumpe", "Gleitringdichtung", "Laufrad", "Steuerung", "Getriebe", "heat exchanger", "valve block", "Regal",
    "Etikettendrucker", "compressor", "Förderband", "licence pack", "Kühlgerät", "Schaltschrank", "Werkbank",
)  # fmt: skip
OPENINGS = (
    "Guten Morgen,", "Hallo zusammen,", "Moin,", "Servus,", "Hi,", "Good morning,", "Kurze Info:", "Quick update:",
    "Noch eine Frage:", "Zur Sache:", "", "", "", "",
)  # fmt: skip
CHATTER = (
    "ok", "alles klar", "danke dir", "super", "mach ich", "bin gleich da", "schaue ich mir an", "moment",
    "kannst du mal anrufen", "der Kollege ist gerade nicht am Platz", "hab ich weitergegeben", "Foto kommt gleich",
    "das hätte keiner gedacht, garantiert wieder so ein Montag", "laut Anleitung gehört da Fett dran", "geht",
    "die Spedition hat sich noch nicht gemeldet", "der Monteur war bei euch und hat {product} geprüft", "nein",
    "bitte die Zeichnung zu {product} noch einmal schicken", "danke, das Muster ist gut angekommen",
    "am Tor ist heute viel los", "wir sitzen noch in der Besprechung", "schönes Wochenende euch allen", "gute Frage",
    "das Teil passt nicht in die Halterung", "haben wir so etwas noch im Lager?", "ich frage in der Werkstatt nach",
    "sure", "sounds good", "thanks a lot", "on my way", "let me check", "no idea, sorry", "will ask the others",
    "we checked the {product} twice and saw nothing unusual", "the drawing is on the shared drive", "got it",
    "could you resend the photos of the {product}?", "the driver called, traffic is bad near the plant",
    "nice work with the {product}, looks great 👍", "can you call me back please", "he is out of office", "same here",
)  # fmt: skip
PLAIN = (
    "die Spedition hat sich für {when} angemeldet", "wir haben {number} im Lager gefunden",
    "die Rechnung {number} liegt in der Buchhaltung", "der Kollege ist bis {when} im Urlaub, danach melden wir uns",
    "let's talk about {number} on the phone", "meeting is moved to {when}, same room",
    "es waren {count} Leute auf der Messe", "we counted {count} boxes of {product}",
)  # fmt: skip
BINDING = (
    "auf {product} geben wir euch {years} Jahre Garantie", "Liefertermin für {number} ist {when}, verbindlich",
    "wir bestellen {count} Stück {product} zu je {price} €", "Preis bleibt bei {price} EUR netto bis Jahresende",
    "einverstanden, so machen wir das mit {number}", "mit 3 % Skonto bei Zahlung in 10 Tagen geht das klar",
    "den Austausch von {product} übernehmen wir auf Kulanz", "that comes with a {years} year warranty",
    "we will deliver {number} by {when}", "please take this as our order for {count} pcs of {product}",
    "we can't accept the return of {number}", "agreed, {price} EUR per unit for the {product}",
    "wir widersprechen der Rechnung {number}", "wenn ihr {count} Stück nehmt, machen wir {price} €",
)  # fmt: skip
CLOSINGS = ("", "", "", "Grüße", "Danke!", "Thanks", "VG", "Best regards", "👍", "Bitte kurz bestätigen.")


class Corpus:
    """Messages without end, the same each time."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.at = START

    def moment(self) -> datetime:
        """Give the time of the next message: minutes apart, with nights between."""
        self.at += timedelta(seconds=self.chance.randrange(20, 900))
        if self.at.hour >= 19:
            self.at = self.at.replace(hour=6) + timedelta(days=1)
        return self.at

    def sentence(self) -> str:
        """Give a sentence: four in five are talk without a number, one in twenty binds somebody."""
        chance = self.chance
        drawn = chance.random()
        pattern = chance.choice(CHATTER if drawn < 0.8 else PLAIN if drawn < 0.95 else BINDING)
        when = f"{chance.randrange(1, 29)}.{chance.randrange(1, 13)}."
        return pattern.format(
            when=when, product=chance.choice(PRODUCTS), years=chance.randrange(2, 8), count=chance.randrange(2, 400),
            number=f"A-{chance.randrange(10_000, 99_999)}/{self.at.year % 100}",
            price=f"{chance.randrange(15, 9000)},{chance.randrange(10)}0",
        )  # fmt: skip

    def text(self, sentences: int) -> str:
        """Give the words of a message."""
        said = ". ".join(self.sentence() for _ in range(sentences))
        parts = (self.chance.choice(OPENINGS), said, self.chance.choice(CLOSINGS))
        return " ".join(part for part in parts if part)

    def file(self) -> bytes:
        """Give the bytes of a small file: a text that can be read, one in three noise like a picture."""
        if self.chance.random() < 0.33:
            return b"\x89PNG\r\n\x1a\n" + self.chance.randbytes(4000)
        return "\n".join(self.text(3) for _ in range(20)).encode()


def whatsapp(path: Path, count: int) -> None:
    """Write a chat as a phone exports it, with its files: a zip."""
    corpus, text = Corpus(1), io.StringIO()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as packed:
        for n in range(count):
            at, who = corpus.moment(), corpus.chance.choice(PEOPLE)
            said = corpus.text(corpus.chance.randrange(1, 4))
            if n % 40 == 39:
                data = corpus.file()
                name = f"{n:08}-PHOTO.png" if data.startswith(b"\x89") else f"{n:08}-Notiz.txt"
                packed.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), data)
                said = f"\u200e<Anhang: {name}>"
            text.write(f"[{at:%d.%m.%y, %H:%M:%S}] {who}: {said}\r\n")
        packed.writestr(zipfile.ZipInfo("_chat.txt", (2024, 1, 1, 0, 0, 0)), text.getvalue())


def slack(path: Path, count: int) -> None:
    """Write a workspace as Slack exports it: users, channels, a file a day and channel."""
    corpus, users = Corpus(2), [f"U{n:08X}" for n in range(len(PEOPLE))]
    names = [f"kanal-{n}" for n in range(max(3, count // 20_000))]
    days: dict[tuple[str, str], list[dict[str, object]]] = {}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as packed:

        def put(name: str, value: object) -> None:
            packed.writestr(
                zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), json.dumps(value, ensure_ascii=False)
            )

        put("users.json", [
            {"id": user, "name": name.casefold().replace(" ", "."), "profile": {"real_name": name}}
            for user, name in zip(users, PEOPLE, strict=True)
        ])  # fmt: skip
        put("channels.json", [
            {"id": f"C{n:08X}", "name": name, "created": 1_500_000_000, "members": users}
            for n, name in enumerate(names)
        ])  # fmt: skip
        for n in range(count):
            at, name = corpus.moment(), corpus.chance.choice(names)
            day = (name, f"{at:%Y-%m-%d}")
            said, stamp = (
                corpus.text(corpus.chance.randrange(1, 4)),
                f"{at.timestamp():.0f}.{n % 1_000_000:06}",
            )
            message = {"type": "message", "user": corpus.chance.choice(users), "text": said, "ts": stamp}
            days.setdefault(day, []).append(message)
            if len(days) > 3 * len(names):
                oldest = next(iter(days))
                put(f"{oldest[0]}/{oldest[1]}.json", days.pop(oldest))
        for (name, date), messages in days.items():
            put(f"{name}/{date}.json", messages)


def mbox(path: Path, count: int) -> None:
    """Write a mailbox; a mail in three answers one of the last."""
    corpus = Corpus(3)
    recent: list[str] = []
    with path.open("w", encoding="utf-8", newline="\n") as out:
        for n in range(count):
            at, who = corpus.moment(), corpus.chance.choice(PEOPLE).casefold().replace(" ", ".")
            name = f"<m{n}.{at:%Y%m%d}@firm.example>"
            out.write(f"From {who}@firm.example {at:%a %b %d %H:%M:%S %Y}\n")
            out.write(f"From: {who}@firm.example\nTo: service@supplier.example\nMessage-ID: {name}\n")
            out.write(f"Subject: {corpus.sentence().encode('ascii', 'ignore').decode()[:70]}\n")
            out.write(f"Date: {at:%a, %d %b %Y %H:%M:%S} +0000\nMIME-Version: 1.0\n")
            if recent and n % 3 == 0:
                out.write(f"In-Reply-To: {corpus.chance.choice(recent)}\n")
            body = "\n".join(corpus.text(3) for _ in range(corpus.chance.randrange(2, 9)))
            out.write(_with_file(body, n, corpus.file()) if n % 40 == 39 else f"{_PLAIN_PART}{body}\n\n")
            recent = [*recent[-20:], name]


_PLAIN_PART = "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"


def _with_file(body: str, n: int, file: bytes) -> str:
    kind = "image/png" if file.startswith(b"\x89") else "text/plain"
    packed = base64.encodebytes(file).decode()
    return (
        f'Content-Type: multipart/mixed; boundary="part{n}"\n\n--part{n}\n{_PLAIN_PART}{body}\n--part{n}\n'
        f'Content-Type: {kind}\nContent-Disposition: attachment; filename="Anlage-{n}"\n'
        f"Content-Transfer-Encoding: base64\n\n{packed}\n--part{n}--\n\n"
    )


MAKERS = {
    "whatsapp": (whatsapp, "WhatsApp Chat - Werk.zip"),
    "slack": (slack, "Slack.zip"),
    "mbox": (mbox, "Service.mbox"),
}


def made(kind: str, count: int, folder: Path) -> Path:
    """Give an export of this kind and size; made once, then kept in ``folder``."""
    make, name = MAKERS[kind]
    path = folder / f"{kind}-{count}" / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        building = path.with_suffix(".building")
        make(building, count)
        building.rename(path)
    return path


def texts(count: int) -> Iterator[str]:
    """Give messages alone, for floors and finders."""
    corpus = Corpus(4)
    for _ in range(count):
        corpus.moment()
        yield corpus.text(corpus.chance.randrange(1, 4))
