"""Makes a bare machine ready: interpreter, `.venv`, locked packages, Qt's system libraries.

Standard library only, and written for Python 3.8, because it runs before anything else is there:
on whatever `python3` the machine has. `make` calls it before each target, so the way through a
machine that is ready is short: one stamp is read, nothing is started.
"""

from __future__ import annotations

import argparse
import ctypes
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ROOT / "packaging" / "requirements"
STAMP = "kling-desktop-setup.json"

SUPPORTED = ((3, 13), (3, 12), (3, 11))  # newest first: that is the order of choice
GROUPS = ("run", "dev", "bundle")
INCLUDED_IN = {"run": ("run", "dev", "bundle"), "dev": ("dev",), "bundle": ("bundle",)}

# What the wheels of Qt expect of the system: soname -> Debian's package. Read from the NEEDED
# entries of the Qt libraries and plugins that the app loads.
QT_LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgssapi_krb5.so.2": "libgssapi-krb5-2",
    "libpulse.so.0": "libpulse0",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libX11.so.6": "libx11-6",
    "libXext.so.6": "libxext6",
    "libXrandr.so.2": "libxrandr2",
}
X11_LIBRARIES = {
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
WAYLAND_LIBRARIES = {
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
}
# What the tests on a real X server and the packaging checks use: program -> Debian's package.
TEST_PROGRAMS = {
    "Xvfb": "xvfb",
    "xauth": "xauth",
    "xdotool": "xdotool",
    "jwm": "jwm",
    "dbus-run-session": "dbus",
    "desktop-file-validate": "desktop-file-utils",
    "appstreamcli": "appstream",
    "/usr/libexec/at-spi2-registryd": "at-spi2-core",
}

PROBE = """
import ctypes, json, platform, sqlite3, ssl, sys
print(json.dumps([list(sys.version_info[:2]), platform.python_implementation()]))
"""


class SetupError(Exception):
    """Carries the sentence that tells the user what is missing and what to do."""


def say(text: str) -> None:
    print("» " + text, flush=True)


# --- the interpreter ---------------------------------------------------------------------------


def really_runs(python: str, wanted: tuple[int, int] | None = None) -> tuple[int, int] | None:
    """Start it and let it say its version: a shim on the PATH may be there and yet not run."""
    try:
        answer = subprocess.run(
            [python, "-c", PROBE],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=30,
            check=True,
        ).stdout
        version, implementation = json.loads(answer.decode())
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    found = (int(version[0]), int(version[1]))
    if implementation != "CPython" or found not in SUPPORTED or wanted not in (None, found):
        return None
    return found


def dot(version: tuple[int, int]) -> str:
    return f"{version[0]}.{version[1]}"


def list_candidates(version: tuple[int, int]) -> list[str]:
    """Where an interpreter of this version may be, the user's own PATH first."""
    dotted = dot(version)
    name = "python" + dotted
    folders = [Path(p) for p in os.environ.get("PATH", "").split(os.pathsep) if p]
    folders += [Path("/usr/bin"), Path("/usr/local/bin"), Path("/opt/homebrew/bin")]
    found = [str(folder / name) for folder in folders]
    kept_versions = (
        (
            Path(os.environ.get("PYENV_ROOT", str(Path.home() / ".pyenv"))) / "versions",
            dotted + ".*",
        ),
        (Path.home() / ".local" / "share" / "uv" / "python", "cpython-" + dotted + ".*"),
    )
    for root, pattern in kept_versions:
        matches = root.glob(pattern) if root.is_dir() else ()
        found += [str(match / "bin" / name) for match in sorted(matches, reverse=True)]
    existing = [path for path in dict.fromkeys(found) if os.access(path, os.X_OK)]
    general = [getattr(sys, "_base_executable", sys.executable)]
    general += [shutil.which(name) or "" for name in ("python3", "python")]
    # An environment made from itself would be cleared under its own feet.
    return [path for path in existing + general if path and not path.startswith(str(ROOT))]


def find_interpreter(versions: tuple[tuple[int, int], ...]) -> str | None:
    """The newest of these versions that really runs; None where there is none."""
    for version in versions:
        for candidate in list_candidates(version):
            if really_runs(candidate, version):
                return candidate
    return None


# --- the system's packages ---------------------------------------------------------------------


def loads(soname: str) -> bool:
    try:
        ctypes.CDLL(soname)
    except OSError:
        return False
    return True


def find_missing(libraries: dict[str, str]) -> dict[str, str]:
    return {soname: package for soname, package in libraries.items() if not loads(soname)}


def find_missing_programs() -> dict[str, str]:
    return {
        program: package for program, package in TEST_PROGRAMS.items() if not shutil.which(program)
    }


def build_root_prefix() -> list[str] | None:
    """How a command gets the rights of root without asking anybody; None: not at all."""
    if os.geteuid() == 0:
        return []
    if (
        shutil.which("sudo")
        and subprocess.run(["sudo", "-n", "true"], stderr=subprocess.DEVNULL).returncode == 0
    ):
        return ["sudo", "-n"]
    return None


def install_packages(packages: list[str]) -> bool:
    """Install Debian packages; False where this system or these rights do not allow it."""
    prefix = build_root_prefix() if shutil.which("apt-get") else None
    if prefix is None:
        return False
    say("installing system packages: " + " ".join(packages))
    apt = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    install = [*apt, "install", "-y", "--no-install-recommends", *packages]
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
    subprocess.run([*apt, "update"], check=False, **quiet)
    return subprocess.run(install, check=False, **quiet).returncode == 0


def explain_missing(missing: dict[str, str], what: str) -> str:
    lines = [f"{what} missing:"]
    lines += [
        f"    {name:26} (Debian/Ubuntu: {package})" for name, package in sorted(missing.items())
    ]
    packages = " ".join(sorted(set(missing.values())))
    if shutil.which("apt-get"):
        lines += ["Install them with:", "    sudo apt-get install " + packages]
    else:
        lines.append("Install them with your distribution's package manager, then try again.")
    return "\n".join(lines)


def provide_libraries() -> None:
    """Qt's system libraries: installed where we may, named where we may not.

    The libraries of a display that is not there are wished for (a virtual one may come), but
    only those of the display in use are worth stopping for.
    """
    if sys.platform != "linux":
        return
    needed = dict(QT_LIBRARIES)
    wished = dict(X11_LIBRARIES)
    if os.environ.get("WAYLAND_DISPLAY"):
        needed.update(WAYLAND_LIBRARIES)
    elif os.environ.get("DISPLAY"):
        needed.update(X11_LIBRARIES)
    missing = find_missing({**wished, **needed})
    if missing and install_packages(sorted(set(missing.values()))):
        missing = find_missing({**wished, **needed})
    if any(soname in needed for soname in missing):
        raise SetupError(explain_missing(missing, "System libraries that Qt needs are"))
    if missing:
        say(explain_missing(missing, "Libraries for a window under X11 are"))


def provide_test_programs() -> None:
    """Xvfb and its like; without them the tests that need them are skipped, so this never stops."""
    missing = find_missing_programs() if sys.platform == "linux" else {}
    if missing and install_packages(sorted(set(missing.values()))):
        missing = find_missing_programs()
    if missing:
        say(explain_missing(missing, "Programs for the tests on a real X server are"))


# --- the virtual environment -------------------------------------------------------------------


def python_of(venv: Path) -> str:
    return str(venv / "bin" / "python")


def hash_of(group: str) -> str:
    return hashlib.sha256((LOCKS / (group + ".txt")).read_bytes()).hexdigest()


def read_stamp(venv: Path) -> dict[str, str]:
    try:
        stamp = json.loads((venv / STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def is_ready(venv: Path, group: str) -> bool:
    """True when the lock of this group, or of one that includes it, is what was installed."""
    stamp = read_stamp(venv)
    installed = any(stamp.get(wider) == hash_of(wider) for wider in INCLUDED_IN[group])
    return installed and os.access(python_of(venv), os.X_OK)


def build_venv(venv: Path, interpreter: str) -> None:
    say(f"creating {venv.name} with {interpreter}")
    command = [interpreter, "-m", "venv", "--clear", str(venv)]
    if subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode == 0:
        return
    # Debian splits ensurepip off into a package of its own.
    package = f"python{dot(really_runs(interpreter) or SUPPORTED[-1])}-venv"
    if install_packages([package]) and subprocess.run(command, check=False).returncode == 0:
        return
    raise SetupError(
        f"{interpreter} cannot create a virtual environment.\n"
        f"On Debian/Ubuntu: sudo apt-get install {package}"
    )


def install_lock(venv: Path, group: str) -> None:
    """Install exactly the locked packages of the group, and remember which lock it was."""
    say(f"installing the locked packages ({group}) into {venv.name}: a minute or so")
    lock = str(LOCKS / (group + ".txt"))
    pip = [python_of(venv), "-m", "pip", "--disable-pip-version-check", "install", "-qq"]
    # Wheels only: a bare machine has no compiler, and each locked package has a wheel.
    options = ["--require-hashes", "--no-deps", "--only-binary", ":all:"]
    if subprocess.run([*pip, *options, "-r", lock], check=False).returncode != 0:
        raise SetupError("pip could not install the locked packages of " + lock)
    stamp = {**read_stamp(venv), group: hash_of(group)}
    (venv / STAMP).write_text(json.dumps(stamp, indent=2) + "\n", encoding="utf-8")


def provide_venv(venv: Path, group: str, asked: str | None) -> bool:
    """Have an environment of the right version there; say whether it still lacks its packages.

    An interpreter that was asked for is obeyed.
    """
    if asked is None and is_ready(venv, group):
        return False
    present = really_runs(python_of(venv))
    if present is None or (asked is not None and really_runs(asked) != present):
        chosen = asked or find_interpreter(SUPPORTED)
        if chosen is None:
            raise SetupError(
                "Kling Desktop needs Python 3.11, 3.12 or 3.13, and none of them runs here.\n"
                "On Debian/Ubuntu: sudo apt-get install python3 python3-venv"
            )
        build_venv(venv, chosen)
    return not is_ready(venv, group)


def provide_second(version: tuple[int, int], group: str) -> Path | None:
    """The same on an older interpreter, where the machine has one besides `.venv`'s."""
    venv = ROOT / f".venv-{dot(version)}"
    if is_ready(venv, group) or really_runs(python_of(ROOT / ".venv")) == version:
        return None
    interpreter = find_interpreter((version,))
    if interpreter is None or not provide_venv(venv, group, interpreter):
        return None
    return venv


def install_all(venvs: list[Path], group: str) -> None:
    """Fill the environments side by side: pip uses one core at a time."""
    if not venvs:
        return
    from concurrent.futures import ThreadPoolExecutor  # not on the short way

    with ThreadPoolExecutor(max_workers=2) as installers:
        list(installers.map(lambda venv: install_lock(venv, group), venvs))


# --- the command -------------------------------------------------------------------------------


def parse_version(text: str) -> tuple[int, int]:
    major, _, minor = text.partition(".")
    return int(major), int(minor)


def parse_arguments(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Make this machine ready for Kling Desktop.")
    parser.add_argument("--group", choices=GROUPS, default="run", help="which lock to install")
    parser.add_argument("--venv", default=".venv", help="folder of the environment")
    parser.add_argument("--python", default="", help="this interpreter, not the newest")
    parser.add_argument(
        "--second",
        type=parse_version,
        metavar="X.Y",
        help="prepare .venv-X.Y too, if X.Y runs here and .venv is of another version",
    )
    parser.add_argument(
        "--test-programs", action="store_true", help="install Xvfb and its like as well"
    )
    return parser.parse_args(arguments)


def choose_asked(name: str) -> str | None:
    """The interpreter asked for by `make PYTHON=…`, or None when nobody asked."""
    if not name:
        return None
    path = shutil.which(name)
    if path is None or really_runs(path) is None:
        raise SetupError(name + " is no CPython 3.11, 3.12 or 3.13 that runs here.")
    return path


def main(arguments: list[str]) -> int:
    options = parse_arguments(arguments)
    try:
        provide_libraries()
        bare = []
        if provide_venv(ROOT / options.venv, options.group, choose_asked(options.python)):
            bare.append(ROOT / options.venv)
        if options.second:
            second = provide_second(options.second, options.group)
            bare += [second] if second else []
        install_all(bare, options.group)
        if options.test_programs:
            provide_test_programs()
    except SetupError as error:
        print(str(error), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
