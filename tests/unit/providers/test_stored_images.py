import base64
from collections.abc import Sequence

from harn_tui.json_types import JsonObject
from harn_tui.providers.base import Completion, CompletionRequest, OnDelta
from harn_tui.providers.stored_images import StoredImagesProvider
from tests.unit.providers.wire import request_of

IMAGE: JsonObject = {"blob": "b1", "media_type": "image/png", "name": "a.png"}
BLOCK = {"type": "image", "media_type": "image/png", "data": base64.b64encode(b"png").decode()}


class Inner:
    """Keeps what it is asked."""

    name = "inner"
    is_paced = True

    def __init__(self) -> None:
        self.asked: list[Sequence[JsonObject]] = []
        self.is_closed = False

    async def complete(self, request: CompletionRequest, on_delta: OnDelta) -> Completion:
        self.asked.append(request.messages)
        return Completion("ok")

    async def aclose(self) -> None:
        self.is_closed = True


class Blobs:
    """Images by name, and which were read."""

    def __init__(self, **images: bytes) -> None:
        self.images = images
        self.read: list[str] = []

    def __call__(self, name: str) -> bytes | None:
        self.read.append(name)
        return self.images.get(name)


async def sent(blobs: Blobs, *messages: JsonObject) -> list[JsonObject]:
    inner = Inner()
    await StoredImagesProvider(inner, blobs).complete(request_of(*messages), lambda _: None)
    return list(inner.asked[0])


async def test_an_image_stands_behind_the_words_of_its_message() -> None:
    plain: JsonObject = {"role": "user", "content": "Hi"}
    attached: JsonObject = {"role": "user", "content": "Look", "kind": "user", "images": [IMAGE]}
    assert await sent(Blobs(b1=b"png"), plain, attached) == [
        plain,
        {"role": "user", "content": ["Look", BLOCK], "kind": "user"},
    ]


async def test_blocks_of_a_message_stay_before_its_images() -> None:
    text: JsonObject = {"type": "text", "text": "Look"}
    message: JsonObject = {"role": "user", "content": [text], "images": [IMAGE]}
    assert await sent(Blobs(b1=b"png"), message) == [{"role": "user", "content": [text, BLOCK]}]


async def test_an_image_that_is_gone_is_named_and_the_rest_is_sent() -> None:
    (message,) = await sent(Blobs(), {"role": "user", "content": "Look", "images": [IMAGE]})
    assert message["content"] == ["Look", "[image a.png: no longer there]"]


async def test_a_request_without_images_is_passed_on_as_it_is() -> None:
    inner = Inner()
    request = request_of({"role": "user", "content": "Hi", "images": []})
    await StoredImagesProvider(inner, Blobs()).complete(request, lambda _: None)
    assert inner.asked[0] is request.messages


async def test_the_same_image_is_read_once_for_many_calls_and_few_are_kept() -> None:
    blobs = Blobs(**{f"b{number}": b"png" for number in range(9)})
    provider = StoredImagesProvider(Inner(), blobs)

    async def ask(*names: str) -> None:
        images: list[JsonObject] = [{**IMAGE, "blob": name} for name in names]
        message: JsonObject = {"role": "user", "content": "Look", "images": [*images]}
        await provider.complete(request_of(message), lambda _: None)

    await ask("b0")
    await ask("b0")
    assert blobs.read == ["b0"]
    await ask(*(f"b{number}" for number in range(1, 9)))
    await ask("b0")
    assert blobs.read.count("b0") == 2


async def test_it_is_the_provider_in_every_other_way() -> None:
    inner = Inner()
    provider = StoredImagesProvider(inner, Blobs())
    assert (provider.name, provider.is_paced) == ("inner", True)
    await provider.aclose()
    assert inner.is_closed


async def test_a_model_that_reads_text_only_gets_the_names_alone() -> None:
    inner, blobs = Inner(), Blobs(b1=b"png")
    message: JsonObject = {"role": "user", "content": "Look", "images": [IMAGE]}
    provider = StoredImagesProvider(inner, blobs, takes_images=False)
    await provider.complete(request_of(message), lambda _: None)
    assert list(inner.asked[0]) == [
        {"role": "user", "content": ["Look", "[image a.png: this model reads text only]"]}
    ]
    assert blobs.read == []
