"""Video tools that need no decoder: a video is one line of JSON, then bytes of a known length."""

import json
from dataclasses import dataclass
from pathlib import Path

from kling_desktop.domain.errors import DamagedDownload
from kling_desktop.domain.video import Recipe, VideoFacts, recipe_from_json, recipe_to_json

_HEAD = b"FAKEVIDEO "


def make_video(
    *,
    duration_s: float = 5.0,
    frames: int = 150,
    width: int = 1280,
    height: int = 720,
    name: str = "",
) -> bytes:
    """Make the bytes of a video of that length; `name` makes it differ from others."""
    return _write(
        {"duration_s": duration_s, "frames": frames, "size": [width, height], "name": name}, None
    )


@dataclass
class FakeVideoTools:
    """The port `VideoTools` for videos of `make_video`.

    Attributes:
        takes_recipe: False makes every video refuse its recipe.
        must_not_change: True makes every video one with content credentials.
    """

    takes_recipe: bool = True
    must_not_change: bool = False

    def probe(self, path: Path) -> VideoFacts:
        data = path.read_bytes()
        head = _read(data)
        width, height = head["size"]
        return VideoFacts(
            width=width,
            height=height,
            duration_s=head["duration_s"],
            fps=30.0,
            frames=head["frames"],
            codec="h264",
            size_bytes=len(data),
        )

    def embed_recipe(self, source: Path, target: Path, recipe: Recipe) -> bool:
        head = _read(source.read_bytes())
        if self.must_not_change:
            return False
        if not self.takes_recipe:
            raise DamagedDownload(detail="it takes none")
        target.write_bytes(_write(head, recipe_to_json(recipe)))
        return True

    def write_recipe_beside(self, path: Path, recipe: Recipe) -> bool:
        place = path.with_name(f"{path.name}.json")
        if place.exists():
            return False
        place.write_text(json.dumps(recipe_to_json(recipe)))
        return True

    def read_recipe(self, path: Path) -> Recipe | None:
        try:
            found = _read(path.read_bytes()).get("recipe")
        except DamagedDownload:
            return None
        beside = path.with_name(f"{path.name}.json")
        if not found and beside.exists():
            found = json.loads(beside.read_text())
        return recipe_from_json(found) if found else None


def _write(head: dict, recipe: dict | None) -> bytes:
    facts = {**head, "recipe": recipe}
    line = _HEAD + json.dumps(facts).encode() + b"\n"
    body = bytes(range(256)) * 200
    return line + body + len(line + body).to_bytes(8, "big")


def _read(data: bytes) -> dict:
    if not data.startswith(_HEAD) or int.from_bytes(data[-8:], "big") != len(data) - 8:
        raise DamagedDownload(detail="this is no video")
    return json.loads(data[len(_HEAD) :].split(b"\n", 1)[0])
