"""The images that go with the lines of a session."""

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path

from harn_tui.errors import AttachmentError
from harn_tui.feedback.item import AttachedImage
from harn_tui.loop.model_in_use import ModelInUse
from harn_tui.providers.error_body import clean_text
from harn_tui.session.image_file import read_image
from harn_tui.session.image_size import size_of
from harn_tui.store.image_store import ImageStore


class SessionImages:
    """Takes image files in. ``store`` is ``None`` for a session that nothing stores."""

    def __init__(
        self, store: ImageStore | None, cwd: Path, next_model: Callable[[], ModelInUse]
    ) -> None:
        """``next_model`` tells which model the lines will go to."""
        self._store = store
        self._cwd = cwd
        self._next_model = next_model

    async def attach(self, path: Path) -> AttachedImage:
        """Keep the image at ``path``, to be given to ``SessionHandle.submit`` with a line.

        A relative path is below the session's folder, ``~`` is the person's own. Raises
        AttachmentError for a file that is no PNG, JPEG, GIF or WebP of at most 5 MB, and where
        the model takes no images; nothing is kept then.
        """
        self.check_model()
        if self._store is None:
            raise AttachmentError("This session is not stored, so it cannot keep images.")
        return await asyncio.to_thread(self._keep, self._store, path)

    def check_model(self) -> None:
        """Raise AttachmentError when the model is known to take no images."""
        model = self._next_model()
        if model.facts.takes_images is False:
            raise AttachmentError(
                f"The model {model.model} takes no images.",
                hint="Send the line without them, or choose another model.",
            )

    def check(self, images: Iterable[AttachedImage]) -> None:
        """Raise AttachmentError when ``images`` cannot go with a line.

        The model takes none, or one is no longer in the session's folder.
        """
        self.check_model()
        for image in images:
            if self._store is None or not self._store.has(image.blob):
                raise AttachmentError(
                    f"The image {image.name} is gone from the session's folder.",
                    hint="Take it out of the line, and attach it again.",
                )

    def _keep(self, store: ImageStore, path: Path) -> AttachedImage:
        shown = clean_text(str(path))
        try:
            file = self._cwd / path.expanduser()
        except RuntimeError:
            raise AttachmentError(f"{shown} names a folder that is not known.") from None
        media_type, data = read_image(file, shown)
        width, height = size_of(data) or (0, 0)
        name = clean_text(path.name)
        return AttachedImage(store.keep(data), media_type, name, width, height, len(data))
