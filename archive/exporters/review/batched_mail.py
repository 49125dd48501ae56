"""One slice of a conversation as a mail: the transcript, and the files behind it. For platforms that take no RSMF."""

import io
from hashlib import sha256
from pathlib import Path

from archive.exporters.events import messages
from archive.exporters.extensions import extension
from archive.exporters.review.mail_form import address, head, write_part
from archive.exporters.review.transcript import transcript, who
from archive.exporters.slices import Slice
from archive.exporters.visible import one_line


def write_mail(cut: Slice, zone: str, number: str, path: Path, headers: dict[str, str]) -> None:
    """Write a slice to ``path``.

    Args:
        cut: what to write.
        zone: in which the transcript tells times.
        number: of the document; names of files begin with it.
        path: the new file.
        headers: further ``X-Beleg-…`` headers, name after the prefix → value.
    """
    told = messages(cut.items)
    text = transcript(cut, zone).encode()
    boundary = f"beleg-{sha256(number.encode() + text).hexdigest()[:40]}"
    people = list(dict.fromkeys(who(message.first) for message in told))
    addresses = [address(name, place) for place, name in enumerate(people, 1)]
    more = {f"X-Beleg-{name}": one_line(value) for name, value in headers.items()}
    title = cut.items[0].thread_title or cut.thread.id
    with path.open("xb") as out:
        out.write(head(cut, more, addresses, title, boundary))
        write_part(out, boundary, ["Content-Type: text/plain; charset=utf-8"], io.BytesIO(text))
        for message in told:
            filed = message.filed
            pairs = zip(filed.item.attachments, filed.open_files, strict=False)
            for place, (attachment, opening) in enumerate(pairs, 1):
                if opening is None:
                    continue
                name = f"{number}_{filed.index}_{place}.{extension(attachment.media_type, attachment.name)}"
                fields = [
                    "Content-Type: application/octet-stream",
                    f"Content-Disposition: attachment; filename={name}",
                ]
                with opening() as source:
                    write_part(out, boundary, fields, source)
        out.write(f"--{boundary}--\r\n".encode())
