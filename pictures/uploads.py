"""Uploads on their way: bounded in size, and in files without names."""

from tempfile import TemporaryFile
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopFutureHandlers

from pictures.formats import MAX_BYTES


class BoundedUploadHandler(FileUploadHandler):
    """Discards what comes after MAX_BYTES, so that no upload fills the disk; `encode` refuses such a file.

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
