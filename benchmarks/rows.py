"""A measured figure beside the floor that it is compared with, and how both are printed."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One figure.

    ``measured`` and ``floor`` are medians in ``unit``, taken in turns within one run, so that
    their ratio holds on a noisy machine. ``limit`` is the largest ratio that is good enough;
    ``None`` when the figure is for information.
    """

    name: str
    measured: float
    floor: float
    unit: str
    limit: float | None = None

    @property
    def ratio(self) -> float:
        """How many times the floor was measured; infinite when the floor is nothing."""
        return self.measured / self.floor if self.floor else float("inf")

    @property
    def is_good(self) -> bool:
        """Whether the ratio is within its limit."""
        return self.limit is None or self.ratio <= self.limit


def format_table(rows: Sequence[Row]) -> str:
    """Return the rows as a text table, one line each under a heading."""
    width = max((len(row.name) for row in rows), default=0)
    heading = f"{'':{width}}  {'measured':>12}  {'floor':>12}  {'ratio':>6}  {'limit':>6}"
    return "\n".join((heading, *(_format(row, width) for row in rows)))


def _format(row: Row, width: int) -> str:
    limit = f"{row.limit:.2f}" if row.limit is not None else "-"
    verdict = "" if row.is_good else "  over the limit"
    return (
        f"{row.name:{width}}  {_amount(row.measured, row.unit):>12}  "
        f"{_amount(row.floor, row.unit):>12}  {row.ratio:6.2f}  {limit:>6}{verdict}"
    )


def _amount(value: float, unit: str) -> str:
    return f"{value:.1f} {unit}"
