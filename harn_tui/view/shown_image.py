"""An image that went with a person's line, as far as a screen shows it."""

from dataclasses import dataclass

from harn_tui.json_types import JsonValue
from harn_tui.view.plain import one_line

_LONGEST_NAME = 120
_KINDS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/gif": "GIF", "image/webp": "WebP"}


@dataclass(frozen=True, slots=True)
class ShownImage:
    """``width`` and ``height`` are in pixels, ``size_bytes`` of the file; 0 where not known."""

    name: str
    media_type: str
    width: int = 0
    height: int = 0
    size_bytes: int = 0

    @property
    def words(self) -> str:
        """Name, pixels, kind and size, as one printable line."""
        kind = _KINDS.get(self.media_type, "image")
        pixels = f"{self.width}×{self.height} " if self.width and self.height else ""
        size = [_size_words(self.size_bytes)] if self.size_bytes else []
        return " · ".join([one_line(self.name, _LONGEST_NAME) or "image", f"{pixels}{kind}", *size])


def images_of(value: JsonValue) -> tuple[ShownImage, ...]:
    """Return the images that an event or a message names; what is none of them is left out."""
    listed = value if isinstance(value, list) else []
    return tuple(
        ShownImage(
            str(one.get("name", "")),
            str(one.get("media_type", "")),
            *(_number(one.get(key)) for key in ("width", "height", "bytes")),
        )
        for one in listed
        if isinstance(one, dict)
    )


def _number(value: JsonValue) -> int:
    is_number = isinstance(value, int) and not isinstance(value, bool) and value > 0
    return value if is_number and isinstance(value, int) else 0


def _size_words(size: int) -> str:
    if size < 1024:
        return f"{size} B"
    return f"{size / 1024:.0f} KB" if size < 1024 * 1024 else f"{size / 1024 / 1024:.1f} MB"
