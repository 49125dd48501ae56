"""The proof of one record as a file: canonical JSON that ``verify.py`` checks (format beleg/proof/v1)."""

from archive.core import segment, signed_note
from archive.core.canonical import decode
from archive.exporters.bundle.lines import check_record, escaped, record_line
from archive.production import BundleRecord


def proof_file(checkpoint: bytes, records: tuple[BundleRecord, ...]) -> bytes:
    """Give the file. Raises FormatError if a record does not prove itself."""
    head = signed_note.parse_checkpoint(signed_note.parse(checkpoint))
    headers: dict[int, str] = {}
    lines = []
    for record in records:
        check_record(record, head)
        first = segment.parse_header(signed_note.parse(record.header).text).first
        headers[first] = record.header.decode()
        lines.append(decode(record_line(record, first).replace(b"\\u003c", b"<").rstrip(b"\n")))
    return (
        escaped(
            {
                "checkpoint": checkpoint.decode(),
                "format": "beleg/proof/v1",
                "records": lines,
                "segments": [{"first": first, "note": note} for first, note in sorted(headers.items())],
            }
        )
        + b"\n"
    )
