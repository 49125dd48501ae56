"""A picture made smaller and plain, by its bytes.

Runs in ``confined_child`` alone, for files are hostile. What comes out was drawn anew, without what the file carried
besides: profiles, places, comments, further frames.
"""

from io import BytesIO

from PIL import Image, ImageOps

FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF")
MOST_PIXELS = 80_000_000
QUALITY = 80


def smaller(data: bytes, most: int) -> tuple[bytes, int, int]:
    """Give (JPEG, width, height) with no side longer than ``most`` pixels, upright, on white.

    Raises:
        ValueError: it has too many pixels.
        OSError: it is none of the formats, or damaged.
    """
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    with Image.open(BytesIO(data), formats=FORMATS) as opened:
        if opened.width * opened.height > MOST_PIXELS:
            raise ValueError("a picture of too many pixels")
        opened.draft("RGB", (most, most))
        upright = ImageOps.exif_transpose(opened).convert("RGBA")
    upright.thumbnail((most, most), Image.Resampling.LANCZOS)
    plain = Image.new("RGB", upright.size, "white")
    plain.paste(upright, mask=upright.getchannel("A"))
    out = BytesIO()
    plain.save(out, "JPEG", quality=QUALITY)
    return out.getvalue(), plain.width, plain.height
