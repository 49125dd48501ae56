"""The ending of a file that is handed out: by what it is, so that nothing runs because of how it is called."""

import re

BY_TYPE = {
    "application/json": "json", "application/mbox": "mbox", "application/pdf": "pdf",
    "application/zip": "zip",
    "audio/aac": "aac", "audio/amr": "amr", "audio/mp4": "m4a", "audio/mpeg": "mp3", "audio/ogg": "ogg",
    "audio/opus": "opus", "audio/wav": "wav", "image/bmp": "bmp", "image/gif": "gif", "image/heic": "heic",
    "image/jpeg": "jpg", "image/png": "png", "image/tiff": "tif", "image/webp": "webp",
    "message/rfc822": "eml", "text/calendar": "ics", "text/csv": "csv", "text/plain": "txt",
    "text/vcard": "vcf",
    "video/3gpp": "3gp", "video/mp4": "mp4", "video/quicktime": "mov", "video/webm": "webm",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
}  # fmt: skip
"""Media type → extension. What can run when it is opened (HTML, SVG, programs, macros) is not here."""
ALLOWED = frozenset(BY_TYPE.values())
_EXTENSION = re.compile(r"\.([A-Za-z0-9]{1,5})\Z")


def extension(media_type: object, name: object) -> str:
    """Give an extension of the allow-list by media type, else by the ending of the name, else ``bin``."""
    if isinstance(media_type, str) and (known := BY_TYPE.get(media_type.split(";")[0].strip().lower())):
        return known
    ending = _EXTENSION.search(name) if isinstance(name, str) else None
    guess = {"jpeg": "jpg", "tiff": "tif"}.get(ending[1].lower(), ending[1].lower()) if ending else ""
    return guess if guess in ALLOWED else "bin"
