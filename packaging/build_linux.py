"""Builds the Debian package: the frozen folder under /opt, a menu entry and a command."""

import platform
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tools"))

from bootstrap import QT_LIBRARIES, X11_LIBRARIES
from bundle import DIST, ROOT, freeze, read_version
from smoke_test import smoke_test

APP_ID = "io.github.kling_desktop.KlingDesktop"
PACKAGING = ROOT / "packaging"
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


def lay_out(frozen: Path, tree: Path) -> None:
    """Put every file where the package installs it."""
    shutil.rmtree(tree, ignore_errors=True)
    shutil.copytree(frozen, tree / "opt" / "kling-desktop", symlinks=True)
    commands = tree / "usr" / "bin"
    commands.mkdir(parents=True)
    (commands / "kling-desktop").symlink_to("/opt/kling-desktop/kling-desktop")
    share = tree / "usr" / "share"
    for source, target in (
        (PACKAGING / f"{APP_ID}.desktop", share / "applications" / f"{APP_ID}.desktop"),
        (PACKAGING / f"{APP_ID}.metainfo.xml", share / "metainfo" / f"{APP_ID}.metainfo.xml"),
        (
            PACKAGING / "kling-desktop.svg",
            share / "icons" / "hicolor" / "scalable" / "apps" / f"{APP_ID}.svg",
        ),
        (ROOT / "LICENSE", share / "doc" / "kling-desktop" / "copyright"),
        (ROOT / "resources" / "NOTICES.md", share / "doc" / "kling-desktop" / "NOTICES.md"),
    ):
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        target.chmod(0o644)


def write_control(tree: Path, architecture: str) -> None:
    """Write the package's description; its needs are the set-up's own list of libraries."""
    size_kb = sum(p.stat().st_size for p in tree.rglob("*") if p.is_file()) // 1024
    needs = ", ".join(sorted({*QT_LIBRARIES.values(), *X11_LIBRARIES.values()}))
    control = f"""\
Package: kling-desktop
Version: {read_version()}
Architecture: {architecture}
Maintainer: The Kling Desktop developers <kling-desktop@localhost>
Installed-Size: {size_kb}
Depends: {needs}
Section: video
Priority: optional
Description: Turn pictures and words into short videos
 Drop a picture, say how it should move, and get a clip back in a folder you
 own. Works with KlingAI's video models through the service Runware, and with
 a built-in sandbox that needs neither a key nor a network.
"""
    (tree / "DEBIAN").mkdir()
    (tree / "DEBIAN" / "control").write_text(control, encoding="utf-8")


def validate() -> None:
    """Let the desktop's own tools read the entry and the description, where they are there."""
    checks = (
        ["desktop-file-validate", str(PACKAGING / f"{APP_ID}.desktop")],
        ["appstreamcli", "validate", "--no-net", str(PACKAGING / f"{APP_ID}.metainfo.xml")],
    )
    for command in checks:
        if shutil.which(command[0]):
            subprocess.run(command, check=True)
        else:
            print(f"{command[0]} is not installed: not checked")


def main() -> int:
    validate()
    frozen = freeze()
    smoke_test([str(frozen / "kling-desktop")])
    architecture = ARCHITECTURES.get(platform.machine(), platform.machine())
    tree = ROOT / "build" / "deb"
    lay_out(frozen, tree)
    write_control(tree, architecture)
    package = DIST / f"kling-desktop_{read_version()}_{architecture}.deb"
    build = ["dpkg-deb", "--root-owner-group", "-Zzstd", "--build", str(tree), str(package)]
    subprocess.run(build, check=True)
    print(package)
    return 0


if __name__ == "__main__":
    sys.exit(main())
