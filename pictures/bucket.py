"""Renditions in a store that speaks S3: what Django asks of a storage, with short waits and faults in one line.

A rendition is read by one question, into a file without a name: a slow patient holds no connection to the store.
"""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime
from functools import cached_property
from tempfile import TemporaryFile
from typing import Any

from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import File
from storages.backends.s3 import S3Storage

from pictures.files import StoreDown, StoreRefuses

CONFIG = Config(
    connect_timeout=2,  # seconds
    read_timeout=5,
    retries={"total_max_attempts": 2, "mode": "standard"},
    max_pool_connections=20,
    # Not every store knows the checksums that boto3 would add; all know the address with the bucket in its path.
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
    s3={"addressing_style": "path"},
)


class Bucket(S3Storage):  # type: ignore[misc] # django-storages has no types
    def get_default_settings(self) -> dict[str, Any]:
        own = {"client_config": CONFIG, "transfer_config": TransferConfig(use_threads=False)}
        settings: dict[str, Any] = super().get_default_settings() | own
        return settings

    @cached_property
    def client(self) -> Any:
        """What all threads may share, where the connections of S3Storage are one for each of them."""
        return self.connection.meta.client

    def check(self) -> None:
        """Raise an OSError unless this place can be written, listed and deleted in."""
        name = "check"
        with told_briefly():
            key = self._normalize_name(name)
            self.client.put_object(Bucket=self.bucket_name, Key=key, Body=b"")
            self.exists(name)
            self.client.get_object(Bucket=self.bucket_name, Key=key)["Body"].close()
            self.client.delete_object(Bucket=self.bucket_name, Key=key)

    def _open(self, name: str, mode: str = "rb") -> "File[bytes]":
        with ExitStack() as faults:
            file = faults.enter_context(TemporaryFile())
            with told_briefly():
                answer = self.client.get_object(Bucket=self.bucket_name, Key=self._normalize_name(name))
                with closing(answer["Body"]) as body:
                    shutil.copyfileobj(body, file)
            faults.pop_all()  # the response closes the file
        file.seek(0)
        return File(file, name)

    def _save(self, name: str, content: "File[Any]") -> str:
        with told_briefly():
            saved: str = super()._save(name, content)
            return saved

    def delete(self, name: str) -> None:
        with told_briefly():
            super().delete(name)

    def exists(self, name: str) -> bool:
        """Unlike S3Storage, raise an OSError where the bucket itself is not there."""
        key = self._normalize_name(name)
        with told_briefly():
            found = self.client.list_objects_v2(Bucket=self.bucket_name, Prefix=key, MaxKeys=1)
            return any(one["Key"] == key for one in found.get("Contents", ()))

    def listdir(self, name: str) -> tuple[list[str], list[str]]:
        with told_briefly():
            found: tuple[list[str], list[str]] = super().listdir(name)
            return found

    def get_modified_time(self, name: str) -> datetime:
        with told_briefly():
            modified: datetime = super().get_modified_time(name)
            return modified


@contextmanager
def told_briefly() -> Iterator[None]:
    """Raise OSErrors as a disk would, which name neither the key nor what is asked for."""
    try:
        yield
    except ClientError as error:
        code, status = error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]
        if code in ("NoSuchKey", "404"):
            raise FileNotFoundError(code) from None
        kind = StoreRefuses if 400 <= status < 500 else StoreDown
        raise kind(f"the store of pictures answers {code}") from None
    except (BotoCoreError, Boto3Error) as error:
        raise StoreDown(f"the store of pictures does not answer: {type(error).__name__}") from None
