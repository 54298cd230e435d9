"""Finds lines in a kept output, run as a script in a process of its own that can be killed.

Uses the standard library only, because it runs isolated. ``argv[1]`` is a JSON object
``{"path", "pattern", "offset"}``; each match is written as the word ``byte``, NUL, the offset of
the line in bytes, a colon, and the line. Exit code 2 means that the pattern is wrong.
"""

import json
import os
import re
import sys
from pathlib import Path

BAD_PATTERN_EXIT = 2
_MAX_LINE_BYTES = 1024 * 1024


def main() -> int:
    """Search as the request in ``argv[1]`` says; return the exit code.

    A line longer than a megabyte is searched piece by piece.
    """
    request = json.loads(sys.argv[1])
    try:
        expression = re.compile(request["pattern"])
    except (re.error, RecursionError, OverflowError) as error:
        sys.stderr.write(str(error))
        return BAD_PATTERN_EXIT
    offset = request["offset"]
    with Path(request["path"]).open("rb") as file:
        file.seek(offset)
        while line := file.readline(_MAX_LINE_BYTES):
            text = line.rstrip(b"\r\n")
            if expression.search(text.decode("utf-8", "replace")):
                sys.stdout.buffer.write(b"byte\x00%d:%s\n" % (offset, text))
            offset += len(line)
    sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BrokenPipeError:  # the reader has seen enough
        os._exit(0)
