"""Uploads on their way: bounded in size, in files without names, and refused in words for who uploaded them."""

from tempfile import TemporaryFile
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopFutureHandlers

from pictures.encoding import FailedError, Renditions, encode

MAX_BYTES = 15_000_000
REFUSALS = {
    "large": "This file is larger than 15 MB. Choose a smaller one.",
    "pixels": "This picture has more than 50 megapixels. Choose a smaller one.",
    "unreadable": "This file cannot be read as a picture. Choose a JPEG, PNG, WebP or AVIF file that opens on your "
    "computer.",
    "demanding": "This picture takes too much time or memory to read. Choose a smaller one, or save it as an ordinary "
    "JPEG file first.",
    "busy": "The picture could not be stored just now. Choose the file again in a minute.",
}


class BoundedUploadHandler(FileUploadHandler):
    """Discards what comes after MAX_BYTES, so that no upload fills the disk; `renditions_of` refuses such a file.

    The file has no name: nothing is left of it when the process ends, however it does.
    """

    file: "UploadedFile[Any]"

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        file = TemporaryFile()  # noqa: SIM115 # the request closes it
        self.file = UploadedFile(file, self.file_name, self.content_type, 0, self.charset, self.content_type_extra)
        raise StopFutureHandlers

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        if start <= MAX_BYTES:
            self.file.write(raw_data)
        return None

    def file_complete(self, file_size: int) -> "UploadedFile[Any]":
        self.file.seek(0)
        self.file.size = file_size
        return self.file

    def upload_interrupted(self) -> None:
        if hasattr(self, "file"):
            self.file.close()


def renditions_of(file: "File[Any]") -> Renditions:
    """Raises ValidationError with a message for the person who uploaded it."""
    if file.size > MAX_BYTES:
        raise ValidationError(REFUSALS["large"])
    try:
        return encode(file)
    except FailedError as error:
        raise ValidationError(REFUSALS[str(error)]) from error
