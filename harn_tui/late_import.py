"""Libraries that are imported when something of them is first used.

A file that knows a large library is often loaded long before it needs it, and what is loaded
stays in memory. Such a file has a stand-in for the library instead::

    if TYPE_CHECKING:
        import httpx
    else:
        httpx = late_module("httpx")

The first use imports it, which may take 100 ms: let that be in a thread, or call
``import_now`` in one beforehand where an event loop would stand still.
"""

from importlib import import_module
from types import ModuleType
from typing import Any


class _LateModule(ModuleType):
    """Stands for the module of its name."""

    def __getattr__(self, name: str) -> Any:
        # Reached for what the stand-in itself does not have, which is all of the library.
        return getattr(import_module(self.__name__), name)


def late_module(name: str) -> ModuleType:
    """Return what stands for the module ``name`` until something of it is used, and after."""
    return _LateModule(name)


def import_now(*names: str) -> None:
    """Import the modules that ``names`` name, in a thread where a loop must not stand still."""
    for name in names:
        import_module(name)
