"""``harn-tui sessions import``: a session of another program becomes one of ours."""

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harn_tui.session_import.import_session import ImportReport

_KINDS = (
    "harn-log", "export", "run-record", "llm-mock", "claude-code", "codex", "swe-agent",
    "mini-swe-agent", "acp",
)  # fmt: skip

_EXAMPLE = """\
examples:
  harn-tui sessions import ~/.claude/projects/garden/5560.jsonl
  harn-tui sessions import rollout-2026-08-03.jsonl
  harn-tui sessions import replies.jsonl --as llm-mock
  harn-tui sessions import exported.jsonl --json
"""


def add_parser(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the action to ``harn-tui sessions``."""
    parser = actions.add_parser(
        "import",
        description="Make a session of a file that another program, or this one, wrote. "
        "The file is not changed. What has no counterpart here is kept and counted.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("file", metavar="FILE", help="the file, or a session's folder")
    parser.add_argument(
        "--as",
        dest="kind",
        choices=_KINDS,
        metavar="KIND",
        help=f"its format, when it is not found out: {', '.join(_KINDS)}",
    )
    parser.add_argument("--json", action="store_true", help="print the report as one JSON object")
    parser.set_defaults(run=run_import)


def run_import(options: argparse.Namespace) -> int:
    """Import the file and say what became of it."""
    from pathlib import Path

    from harn_tui.paths import sessions_directory
    from harn_tui.session_import.import_session import import_session
    from harn_tui.session_import.source_kind import SourceKind

    kind = SourceKind(options.kind) if options.kind else None
    path = Path(options.file).expanduser()
    report = import_session(path, sessions_directory(), kind=kind)
    print(_as_json(report) if options.json else _as_text(report, path.name))
    return 0


def _as_json(report: "ImportReport") -> str:
    import dataclasses
    import json

    return json.dumps(dataclasses.asdict(report), ensure_ascii=False)


def _as_text(report: "ImportReport", name: str) -> str:
    from harn_tui.view.plain import printable

    what = f"{name} ({report.kind.words})"
    lines = [f"Imported {what} as session {report.session_id}: {report.events:,} events."]
    if report.title:
        lines.append(f"  title: {report.title}".replace("\n", " ")[:100])
    if report.generic:
        counts = ", ".join(f"{n} {kind}" for kind, n in sorted(report.generic.items()))
        lines.append(f"  kept as they are, without a counterpart here: {counts}")
    if report.repeated:
        counts = ", ".join(f"{n} {kind}" for kind, n in sorted(report.repeated.items()))
        lines.append(f"  told twice in the file, once in the session: {counts}")
    lines.append(f"  see it:     harn-tui replay {report.session_id}")
    lines.append(f"  go on:      harn-tui --session {report.session_id}")
    return printable("\n".join(lines))
