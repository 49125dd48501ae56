"""The words of pictures, by Debian's tesseract."""

import subprocess

from archive.adapters.file_words import Words

OCR_SECONDS = 60
OCR_DPI = 300


def picture(data: bytes, ocr: str | None) -> Words:
    """Read a picture; without languages for OCR it stays one."""
    text = recognised(data, ocr) if ocr else ""
    return Words("read" if text.strip() else "image", text)


def recognised(image: bytes, languages: str) -> str:
    """Give what tesseract sees in a picture; nothing where it fails or takes too long: that one counts as not read."""
    try:
        done = subprocess.run(  # noqa: S603  # found by PATH on purpose: Debian's
            ["tesseract", "stdin", "stdout", "-l", languages, "--dpi", str(OCR_DPI)],  # noqa: S607
            input=image, capture_output=True, timeout=OCR_SECONDS, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return ""
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else ""
