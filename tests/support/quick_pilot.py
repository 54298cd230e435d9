"""Makes Textual's pilot look more often whether the app has come to rest.

It waits in steps of 20 ms, several for each key, until a step has used next to no CPU. Most of the
time that tests of the screen took was spent in those steps. They are shorter here, and the share
of CPU that counts as rest is the same.
"""

from textual import _wait

_STEP_S = 1 / 250


def use_short_steps() -> None:
    """Use them from now on; a second call changes nothing."""
    share = _wait.SLEEP_IDLE / _wait.SLEEP_GRANULARITY
    _wait.SLEEP_GRANULARITY, _wait.SLEEP_IDLE = _STEP_S, _STEP_S * share
