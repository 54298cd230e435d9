"""When files were snapshotted, by what the agent does."""

from enum import StrEnum


class SnapshotMoment(StrEnum):
    """When files were snapshotted, by what the agent does: ``moment`` of ``files_snapshot``."""

    BEFORE = "before"
    """Before a step; what changes until the next snapshot is the agent's."""
    DURING = "during"
    """After a step, while another one or a background command goes on."""
    AFTER = "after"
    """After a step; what changes until the next snapshot is not the agent's."""
