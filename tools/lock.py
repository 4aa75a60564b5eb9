"""Renews the locked requirements in packaging/requirements from pyproject.toml.

One resolution for all systems and interpreters (`uv pip compile --universal`): the environment
markers in the files keep the pairs of Python and Qt apart, and the hashes cover the wheels of
Linux, Windows and macOS. uv is looked for on the PATH; `pip install uv` anywhere provides it.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = Path("packaging") / "requirements"
LOCKS = {"run": [], "dev": ["--extra", "dev"], "bundle": ["--extra", "bundle"]}
HEADER = "# Written by `make lock` from pyproject.toml. Not edited by hand.\n"


def build_command(uv: str, group: str, upgrade: bool) -> list[str]:
    """The wider locks are held to the versions of the run lock: what is tested is what runs."""
    command = [uv, "pip", "compile", "pyproject.toml", *LOCKS[group], "--no-config", "--quiet"]
    command += ["--universal", "--python-version", "3.11", "--generate-hashes"]
    # Neither an index nor a path of the machine that locked may reach the files.
    command += ["--no-emit-index-url", "--no-emit-find-links", "--no-annotate", "--no-header"]
    command += ["--output-file", str(FOLDER / f"{group}.txt")]
    if group != "run":
        command += ["--constraints", str(FOLDER / "run.txt")]
    return [*command, "--upgrade"] if upgrade else command


def main() -> int:
    uv = shutil.which("uv")
    if uv is None:
        print("uv is not on the PATH: pip install uv", file=sys.stderr)
        return 1
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "UV_"))}
    for group in LOCKS:
        command = build_command(uv, group, upgrade="--upgrade" in sys.argv[1:])
        subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
        lock = ROOT / FOLDER / f"{group}.txt"
        lock.write_text(HEADER + lock.read_text(encoding="utf-8"), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
