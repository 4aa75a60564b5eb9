"""Measures what the app promises of its own speed, beside a yardstick in the same run.

python tools/bench.py [--only start,pictures,queue,download,stalls,requests,library] [--json FILE]

Each figure stands beside its bound.  Figures that depend on the machine are ratios to something
simple measured in turns with them, and medians of several turns.  Exit code 1 when one misses.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools import (
    bench_download,
    bench_library,
    bench_pictures,
    bench_queue,
    bench_requests,
    bench_stalls,
    bench_start,
)
from tools.bench_figures import Figure, Verdict, describe

SUBJECTS: dict[str, Callable[[], list[Figure]]] = {
    "start": bench_start.measure,
    "pictures": bench_pictures.measure,
    "queue": bench_queue.measure,
    "download": bench_download.measure,
    "requests": bench_requests.measure,
    "stalls": bench_stalls.measure,
    "library": bench_library.measure,
}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="bench", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--only", default="", help=f"of {', '.join(SUBJECTS)}")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    options = parser.parse_args(arguments)
    wanted = [name for name in options.only.split(",") if name] or list(SUBJECTS)
    if unknown := [name for name in wanted if name not in SUBJECTS]:
        parser.error(f"there is no {unknown[0]}")
    figures: list[Figure] = []
    for name in wanted:
        for figure in SUBJECTS[name]():
            figures.append(figure)
            print(describe(figure), flush=True)
    missed = [figure for figure in figures if figure.verdict is Verdict.MISSED]
    print(f"{len(figures)} figures, {len(missed)} beyond their bound")
    if options.json:
        options.json.write_text(json.dumps([asdict(each) for each in figures], indent=2))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
