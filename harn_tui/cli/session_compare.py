"""``harn-tui sessions compare``: where two sessions part, and what each of them took."""

import argparse

_EXAMPLE = """\
examples:
  harn-tui sessions compare ID OTHER
  harn-tui sessions compare before.jsonl after.jsonl --json
"""


def add_parser(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the action to ``harn-tui sessions``."""
    parser = actions.add_parser(
        "compare",
        description="Align two sessions by turn: first divergence, tools, cost, time, files.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("left", help="a session id, its start, a log file or a folder")
    parser.add_argument("right", help="the other one")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=run_compare)


def run_compare(options: argparse.Namespace) -> int:
    """Print how the two sessions compare. The exit code is 0 also when they differ."""
    import json

    from harn_tui.paths import sessions_directory
    from harn_tui.session_export.comparison import compare, comparison_object
    from harn_tui.session_export.comparison_text import comparison_text
    from harn_tui.store.log_reader import read_records
    from harn_tui.store.session_names import find_log

    logs = [find_log(name, sessions_directory()) for name in (options.left, options.right)]
    comparison = compare(*map(read_records, logs))
    if options.json:
        print(json.dumps(comparison_object(comparison), ensure_ascii=False))
    else:
        print(comparison_text(comparison))
    return 0
