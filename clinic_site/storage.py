import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any

from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

STYLESHEET = "css/site.css"
IMPORT = re.compile(r'@import "(?P<path>[^"]+)" layer\((?P<layer>\w+)\);')
HEX = re.compile(r"(--[\w-]+):(#\w+);")


def join_imports(css: str, read: Callable[[str], str]) -> str:
    """Return the minified style sheet with each `@import "path" layer(name);` replaced by that file in its layer.

    `read` returns the text of a path relative to the sheet.
    """
    return minify(IMPORT.sub(lambda found: f"@layer {found['layer']}{{{read(found['path'])}}}", css))


def minify(css: str) -> str:
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    css = re.sub(r"\s+", " ", css)
    css = re.sub(r" ?([{};,]) ?", r"\1", css).replace(": ", ":").replace(";}", "}").replace(" > ", ">").strip()
    css = re.sub(r"(?<![\w.])0(\.\d)", r"\1", css)
    palette = dict(HEX.findall(css))
    return re.sub(r"var\((--[\w-]+)\)", lambda found: palette.get(found[1], found[0]), HEX.sub("", css))


class JoinedStaticFilesStorage(CompressedManifestStaticFilesStorage):
    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Iterator[Any]:
        if STYLESHEET in paths and not dry_run:
            paths = {**paths, STYLESHEET: (self, self.join_stylesheet(paths))}
        yield from super().post_process(paths, dry_run=dry_run, **options)

    def compress_files(self, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
        # Changed content gets another hashed name: what is compressed already stays right.
        hashed = set(self.hashed_files.values()).intersection(paths)
        paths = [path for path in hashed if not any(self.exists(f"{path}.{end}") for end in ("br", "gz"))]
        yield from super().compress_files(paths)

    @lru_cache(512)  # noqa: B019 - there is one storage
    def url(self, name: str, force: bool = False) -> str:
        return super().url(name, force)

    def join_stylesheet(self, paths: dict[str, Any]) -> str:
        def read(path: str) -> str:
            storage, name = paths[path]
            with storage.open(name) as file:
                text: str = file.read().decode()
                return text

        css = join_imports(read(STYLESHEET), lambda path: read(f"css/{path}"))
        self.delete(STYLESHEET)
        return self.save(STYLESHEET, ContentFile(css))
