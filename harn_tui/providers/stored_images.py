"""Puts the images that messages only name into the requests of any provider.

History and log hold the name of an image, so that both stay small; what a server gets is the
image itself, and the same each time.
"""

import asyncio
import base64
from collections.abc import Callable
from dataclasses import replace
from typing import Final, TypeAlias

from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.providers.base import Completion, CompletionRequest, OnDelta, Provider
from harn_tui.providers.wire_json import objects_of, text_of

ReadImage: TypeAlias = Callable[[str], bytes | None]
"""Returns the image with a name, ``None`` when it is gone. It may block."""

_MOST_KEPT: Final = 8


class StoredImagesProvider:
    """``provider``, asked with the images that ``read`` finds by their names.

    A model that ``takes_images`` is false for gets their names alone: the conversation may have
    begun with another one.
    """

    def __init__(
        self, provider: Provider, read: ReadImage, takes_images: bool | None = None
    ) -> None:
        self._provider = provider
        self._read = read
        self._takes_images = takes_images is not False
        self._encoded: dict[str, str] = {}

    @property
    def name(self) -> str:
        """The configured name."""
        return self._provider.name

    @property
    def is_paced(self) -> bool:
        """Whether retry delays make sense."""
        return self._provider.is_paced

    async def complete(self, request: CompletionRequest, on_delta: OnDelta) -> Completion:
        """Return the assistant's turn (docs in ``providers.base.Provider``)."""
        if any(message.get("images") for message in request.messages):
            messages = [await self._filled_in(message) for message in request.messages]
            request = replace(request, messages=messages)
        return await self._provider.complete(request, on_delta)

    async def aclose(self) -> None:
        """Close connections."""
        await self._provider.aclose()

    async def _filled_in(self, message: JsonObject) -> JsonObject:
        images = objects_of(message.get("images"))
        if not images:
            return message
        content = message.get("content")
        blocks: list[JsonValue] = content if isinstance(content, list) else [content]
        blocks = [*blocks, *[await self._block(image) for image in images]]
        others = {key: value for key, value in message.items() if key != "images"}
        return {**others, "content": blocks}

    async def _block(self, image: JsonObject) -> JsonValue:
        blob, media_type = text_of(image.get("blob")), text_of(image.get("media_type"))
        if not self._takes_images:
            return f"[image {text_of(image.get('name'))}: this model reads text only]"
        data = await self._data(blob)
        if data is None:
            # The conversation must stay sendable when somebody has cleaned up.
            return f"[image {text_of(image.get('name'))}: no longer there]"
        return {"type": "image", "media_type": media_type, "data": data}

    async def _data(self, blob: str) -> str | None:
        """Return the image in base64; the last few stay at hand, since every call sends them."""
        data = self._encoded.pop(blob, None)
        if data is None:
            data = await asyncio.to_thread(self._load, blob)
        if data is not None:
            self._encoded[blob] = data
            if len(self._encoded) > _MOST_KEPT:
                del self._encoded[next(iter(self._encoded))]
        return data

    def _load(self, blob: str) -> str | None:
        data = self._read(blob)
        return None if data is None else base64.b64encode(data).decode("ascii")
