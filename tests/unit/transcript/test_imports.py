import os
import subprocess
import sys


def test_the_transcript_comes_without_its_engines() -> None:
    code = (
        "import sys, harn_tui.console.transcript.transcript;"
        "print([name for name in ('markdown_it', 'pygments') if name in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert result.stdout.strip() == "[]"
