"""Sizes of the screen at which the layout changes."""

WIDE_COLUMNS = 100
"""From here on the side panel stands beside the transcript."""

MIDDLE_COLUMNS = 60
"""Below, hints are cut to the shortest."""

SHORT_ROWS = 16
"""Below, there are no borders and margins, and the queue is one row."""

ROOMY_ROWS = 36
"""From here on the queue has its rows beside an approval or a question, too."""
