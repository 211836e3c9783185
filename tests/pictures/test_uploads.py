import os

import pytest
from django.core.files.uploadhandler import StopFutureHandlers

from pictures.formats import MAX_BYTES
from pictures.uploads import BoundedUploadHandler


def begun():
    """A handler that has been told of a file."""
    handler = BoundedUploadHandler()
    with pytest.raises(StopFutureHandlers):
        handler.new_file("file", "x.jpg", "image/jpeg", None)
    return handler


def test_upload_is_cut_where_it_is_too_large():
    handler = begun()
    assert handler.receive_data_chunk(b"abc", MAX_BYTES) is None
    assert handler.receive_data_chunk(b"def", MAX_BYTES + 1) is None
    with handler.file_complete(MAX_BYTES + 6) as file:
        assert file.size > MAX_BYTES
        assert file.read() == b"abc"


def test_upload_has_no_name_on_the_disk():
    """So nothing is left of it when the process is killed."""
    with begun().file_complete(0) as file:
        assert os.fstat(file.fileno()).st_nlink == 0


def test_upload_that_is_cut_off_is_closed():
    handler = begun()
    handler.upload_interrupted()
    assert handler.file.closed
    BoundedUploadHandler().upload_interrupted()
