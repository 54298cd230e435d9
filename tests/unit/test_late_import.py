"""A late module is imported by its first use and not before."""

import subprocess
import sys

import pytest

from harn_tui.late_import import import_now, late_module

SCRIPT = """
import sys
from harn_tui.late_import import import_now, late_module
stand_in = late_module("wave")
print("wave" in sys.modules)
{use}
print("wave" in sys.modules)
print(stand_in.Error is sys.modules["wave"].Error)
"""


@pytest.mark.parametrize("use", ["stand_in.open", "import_now('wave')"])
def test_a_late_module_is_imported_by_its_first_use(use: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(use=use)],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert done.stdout.split() == ["False", "True", "True"]


def test_what_is_missing_is_told_as_by_any_module() -> None:
    with pytest.raises(AttributeError, match=r"module 'json' has no attribute 'nothing'"):
        _ = late_module("json").nothing
    with pytest.raises(ModuleNotFoundError, match="no_such_library"):
        _ = late_module("no_such_library").anything
    with pytest.raises(ModuleNotFoundError, match="no_such_library"):
        import_now("json", "no_such_library")
