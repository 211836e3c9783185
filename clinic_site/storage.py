import re
from functools import lru_cache

from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

STYLESHEET = "css/site.css"
IMPORT = re.compile(r'@import "(?P<path>[^"]+)" layer\((?P<layer>\w+)\);')
HEX = re.compile(r"(--[\w-]+):(#\w+);")


def joined(text, read):
    """The style sheet `text` with each `@import "path" layer(name);` replaced by that file in its layer.

    `read` returns the text of a path relative to the sheet.
    """
    return small(IMPORT.sub(lambda found: f"@layer {found['layer']}{{{read(found['path'])}}}", text))


def small(text):
    """The style sheet without what only its readers need: comments, white space and names of colours."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r" ?([{};,]) ?", r"\1", text).replace(": ", ":").replace(";}", "}").replace(" > ", ">").strip()
    text = re.sub(r"(?<![\w.])0(\.\d)", r"\1", text)
    palette = dict(HEX.findall(text))
    return re.sub(r"var\((--[\w-]+)\)", lambda found: palette.get(found[1], found[0]), HEX.sub("", text))


class JoinedStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Whitenoise's hashed and compressed files, with the site's style sheet in one piece."""

    def post_process(self, paths, dry_run=False, **options):
        if STYLESHEET in paths and not dry_run:
            paths = {**paths, STYLESHEET: (self, self.join_stylesheet(paths))}
        yield from super().post_process(paths, dry_run=dry_run, **options)

    def compress_files(self, paths):
        """Only files with a hashed name, and each only once: another content has another name."""
        hashed = set(self.hashed_files.values()).intersection(paths)
        return super().compress_files(
            [path for path in hashed if not any(self.exists(f"{path}.{end}") for end in ("br", "gz"))]
        )

    @lru_cache(512)  # noqa: B019 - there is one storage
    def url(self, name, force=False):
        return super().url(name, force)

    def join_stylesheet(self, paths):
        """Write the joined sheet in place of the collected one; always from the sources."""

        def read(path):
            storage, name = paths[path]
            with storage.open(name) as file:
                return file.read().decode()

        text = joined(read(STYLESHEET), lambda path: read(f"css/{path}"))
        self.delete(STYLESHEET)
        return self._save(STYLESHEET, ContentFile(text))
