"""Picture materials: decoded, turned upright, and written anew without anything but their pixels."""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import Any

from geo.reading.materials import Refused
from geo.settings import MaterialLimits

_FORMATS = {"image/jpeg": ("JPEG", "MPO"), "image/png": ("PNG",), "image/webp": ("WEBP",)}


def kind_of(head: bytes) -> str | None:
    """The media type of a picture by its first bytes; None for anything else."""
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return None


def redrawn(path: Path, kind: str, most: MaterialLimits) -> tuple[bytes, tuple[int, int]]:
    """The picture's bytes written anew, and its width and height. Raises Refused."""
    from PIL import Image, ImageOps, JpegImagePlugin, MpoImagePlugin, PngImagePlugin, WebPImagePlugin

    assert all((JpegImagePlugin, MpoImagePlugin, PngImagePlugin, WebPImagePlugin))
    Image.MAX_IMAGE_PIXELS = most.pixels
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=_FORMATS[kind]) as picture:
                if picture.width * picture.height > most.pixels:
                    raise Refused("too-many-pixels", most=most.pixels // 10**6)
                picture.load()
                upright = ImageOps.exif_transpose(picture)
                return _written(upright, kind), upright.size
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise Refused("too-many-pixels", most=most.pixels // 10**6) from None
    except (Refused, MemoryError):
        raise
    except Exception:
        # A broken picture is met with errors of every kind.
        raise Refused("damaged") from None


def _written(picture: Any, kind: str) -> bytes:
    from PIL import Image

    out = io.BytesIO()
    # A fresh picture of the same pixels: none of the things that a format carries beside them come along.
    bare = Image.new(picture.mode, picture.size)
    if picture.mode == "P":
        bare.putpalette(picture.getpalette(picture.palette.mode), picture.palette.mode)
    bare.paste(picture)
    if kind == "image/jpeg":
        if bare.mode not in ("RGB", "L", "CMYK"):
            bare = bare.convert("RGB")
        bare.save(out, "JPEG", quality=92, optimize=True)
    elif kind == "image/png":
        see_through = picture.info.get("transparency")
        more = {"transparency": see_through} if isinstance(see_through, int | bytes | tuple) else {}
        bare.save(out, "PNG", **more)
    else:
        bare.save(out, "WEBP", quality=92)
    return out.getvalue()
