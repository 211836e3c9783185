"""A store that speaks S3, in a thread of the tests."""

import logging
from contextlib import contextmanager
from itertools import count
from typing import Any, NamedTuple

import boto3
from moto.server import ThreadedMotoServer

KEY, SECRET = "a-key", "a/secret+of=the store"
ESCAPED = "a%2Fsecret%2Bof%3Dthe%20store"
numbers = count(1)


class Store(NamedTuple):
    server: Any
    place: str

    def stop(self):
        self.server.stop()
        self.server._server.server_close()

    def start(self):
        """Again, at the same place and with all that was in it."""
        self.server._port = int(self.place.rpartition(":")[2])
        self.server.start()

    def client(self):
        options = {"aws_access_key_id": KEY, "aws_secret_access_key": SECRET, "region_name": "us-east-1"}
        return boto3.client("s3", endpoint_url=f"http://{self.place}", **options)

    def new_bucket(self):
        """The address of an empty bucket."""
        name = f"bucket-{next(numbers)}"
        self.client().create_bucket(Bucket=name)
        return self.address(name)

    def address(self, bucket):
        return f"s3://{KEY}:{ESCAPED}@{self.place}/{bucket}/media?tls=false"

    def keys(self, address):
        """What is in the bucket at this address."""
        bucket = address.split("/")[3]
        return [one["Key"] for one in self.client().list_objects_v2(Bucket=bucket).get("Contents", [])]


@contextmanager
def running_store():
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    store = Store(server, "{}:{}".format(*server.get_host_and_port()))
    try:
        yield store
    finally:
        store.stop()
