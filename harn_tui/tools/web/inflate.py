"""Decompresses a body piece by piece and never makes more of it than is wanted."""

import zlib

_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS
_PLAIN_DEFLATE = -zlib.MAX_WBITS
ENCODINGS = ("gzip", "deflate")
"""What a request may say that it accepts."""


class InflateError(Exception):
    """A body that is not what its header says."""


class BoundedBody:
    """Collects the bytes of a body, decompressed, up to ``limit``; ``is_cut`` when there are more.

    ``encoding`` is that of the header Content-Encoding, empty for none. Raises InflateError for
    an encoding that was not asked for.
    """

    def __init__(self, encoding: str, limit: int) -> None:
        encoding = encoding.strip().lower()
        if encoding not in {"", "identity", "x-gzip", *ENCODINGS}:
            raise InflateError(f"the server sent the encoding {encoding[:40]!r}")
        self._is_plain = encoding in {"", "identity"}
        self._limit = limit
        self._inflater = None if self._is_plain else zlib.decompressobj(_GZIP_OR_ZLIB)
        self._is_first = True
        self.data = bytearray()
        self.is_cut = False

    def feed(self, data: bytes) -> None:
        """Add what has arrived; does nothing once the body is cut. Raises InflateError."""
        if self.is_cut or not data:
            return
        if self._is_plain:
            self._keep(data)
            return
        try:
            self._inflate(data)
        except zlib.error as error:
            if not (self._is_first and not self.data):
                raise InflateError(f"the compressed page is damaged: {error}") from error
            self._inflate_plainly(data)
        self._is_first = False

    def _inflate(self, data: bytes) -> None:
        """Decompress ``data``; a body may consist of several compressed pieces."""
        while data and not self.is_cut and self._inflater is not None:
            # One byte more than fits: that is how it shows that there is more.
            room = self._limit - len(self.data) + 1
            self._keep(self._inflater.decompress(data, room))
            data = self._inflater.unconsumed_tail
            if self._inflater.eof:
                data = self._inflater.unused_data.lstrip(b"\x00")
                self._inflater = zlib.decompressobj(_GZIP_OR_ZLIB)

    def _inflate_plainly(self, data: bytes) -> None:
        """Some servers send ``deflate`` without its header."""
        self._inflater = zlib.decompressobj(_PLAIN_DEFLATE)
        try:
            self._inflate(data)
        except zlib.error as error:
            raise InflateError(f"the compressed page is damaged: {error}") from error

    def _keep(self, data: bytes) -> None:
        room = self._limit - len(self.data)
        self.data += data[:room]
        self.is_cut = len(data) > room
