"""The words of an exported session's first line (docs/sessions_import_export.md)."""

EXPORT_FORMAT = "harn-tui-session"
"""Value of ``format``."""

EXPORT_VERSION = 1
"""Value of ``version``."""
