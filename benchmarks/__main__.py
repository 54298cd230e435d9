"""Run the benchmarks and print their ratios: all of them, or those named on the command line."""

import importlib
import pkgutil
import sys
from typing import Any

import benchmarks
from benchmarks.rows import Row, format_table


def benchmark_names() -> list[str]:
    """Return the modules here that have something to measure, by name."""
    names = sorted(module.name for module in pkgutil.iter_modules(benchmarks.__path__))
    return [name for name in names if name != "__main__" and hasattr(_load(name), "run")]


def main(names: list[str]) -> int:
    """Run what is named and print one table each; 1 when a ratio is over its limit, else 0."""
    known = benchmark_names()
    if unknown := sorted(set(names) - set(known)):
        print(f"no such benchmark: {', '.join(unknown)}; there are {', '.join(known)}")
        return 2
    is_good = True
    for name in names or known:
        module = _load(name)
        print(f"\n{name}: {(module.__doc__ or '').strip().splitlines()[0]}", flush=True)
        rows: list[Row] = module.run()
        print(format_table(rows), flush=True)
        is_good = is_good and all(row.is_good for row in rows)
    print("\nall ratios are within their limits" if is_good else "\nsome ratios are over the limit")
    return 0 if is_good else 1


def _load(name: str) -> Any:
    return importlib.import_module(f"benchmarks.{name}")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
