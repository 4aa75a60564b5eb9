"""Hands the video functions of `media` to the engine, which may not import them."""

from pathlib import Path

from kling_desktop.domain.video import Recipe, VideoFacts


class MediaVideoTools:
    """Fulfils `engine.ports.VideoTools`; every method blocks and is called in a thread.

    The decoder is imported at the first video: it is heavy, and the window paints before it.
    """

    def probe(self, path: Path) -> VideoFacts:
        from kling_desktop.media.video_file import probe

        return probe(path)

    def embed_recipe(self, source: Path, target: Path, recipe: Recipe) -> bool:
        from kling_desktop.media.recipe import embed_recipe

        return embed_recipe(source, target, recipe)

    def write_recipe_beside(self, path: Path, recipe: Recipe) -> bool:
        from kling_desktop.media.recipe import write_recipe_beside

        return write_recipe_beside(path, recipe)

    def read_recipe(self, path: Path) -> Recipe | None:
        from kling_desktop.media.recipe import read_recipe

        return read_recipe(path)
