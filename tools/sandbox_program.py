"""Runs the sandbox as a program of its own, for the tools that measure and crash the app."""

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class RunningSandbox:
    """A sandbox that listens; its side doors tell what really happened."""

    url: str
    token: str
    pid: int

    def list_charges(self) -> list[dict[str, Any]]:
        return self._get("/sandbox/ledger")["charges"]

    def read_state(self) -> dict[str, Any]:
        """Return the tasks it took, the number of uploads and the faults that struck."""
        return self._get("/sandbox/state")

    def _get(self, path: str) -> dict[str, Any]:
        request = urllib.request.Request(  # noqa: S310 - the loopback address it printed
            self.url.removesuffix("/v1") + path, headers={"authorization": f"Bearer {self.token}"}
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=30) as answer:
            return json.load(answer)


@contextmanager
def running_sandbox(
    data_dir: Path, options: Sequence[str] = (), *, token: str
) -> Iterator[RunningSandbox]:
    """Run a sandbox on a free port for the time of the block.

    Args:
        data_dir: Where it keeps its ledger, and its log ``sandbox.log``.
        options: Further options of ``kling-desktop sandbox``.
        token: The key it takes; handed over through the environment, which is not for all eyes.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / "sandbox.log").open("ab") as log:
        process = subprocess.Popen(
            (
                *(sys.executable, "-m", "kling_desktop.sandbox", "--data-dir", str(data_dir)),
                *("--exit-with-parent", *options),
            ),
            cwd=ROOT,
            env={**os.environ, "KLING_SANDBOX_TOKEN": token},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    try:
        line = process.stdout.readline() if process.stdout else ""
        if not line:
            raise SystemExit(f"the sandbox did not start, see {data_dir / 'sandbox.log'}")
        yield RunningSandbox(json.loads(line)["url"], token, process.pid)
    finally:
        if process.stdin is not None:
            process.stdin.close()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()
