#!/bin/sh
# Builds "Kling Desktop.app" and a disk image of it. Run by `make package` on macOS.
# Signing and notarising need a developer's identity: set CODESIGN_IDENTITY to sign.
set -eu
cd "$(dirname "$0")/.."

build/venv/bin/python packaging/bundle.py
app="dist/Kling Desktop.app"
if [ -n "${CODESIGN_IDENTITY:-}" ]; then
    codesign --force --deep --options runtime --sign "$CODESIGN_IDENTITY" "$app"
fi
version=$(sed -n 's/^__version__ = "\(.*\)"/\1/p' kling_desktop/__init__.py)
image="dist/Kling-Desktop-$version-$(uname -m).dmg"
hdiutil create -quiet -ov -volname "Kling Desktop" -srcfolder "$app" -format UDZO "$image"
echo "$image"
