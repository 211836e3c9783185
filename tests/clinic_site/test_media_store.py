import re

import pytest
from django.core.exceptions import ImproperlyConfigured

from clinic_site.media_store import media_store

STORE = "MEDIA_STORE must be an address such as s3://key:secret@host/bucket?region=eu-central-1, with / in the secret"
WRONG_STORES = [
    "bucket",
    "https://key:a-password@host/bucket",
    "s3://key:a-password@host",
    "s3://key:a-password@host/",
    "s3://key:a-password/a@host/bucket",
    "s3://key:a-password@host:port/bucket",
    "s3://key:a-password@host:99999/bucket",
    "s3://key:a-password@[host/bucket",
    "s3://:a-password@host/bucket",
    "s3://key@host/bucket",
    "s3://key:a-password@host/Bucket",
    "s3://key:a-password@host/bucket/../other",
    "s3://key:a-password@host/bucket?tls=maybe",
    "s3://key:a-password@host/bucket?region=",
    "s3://key:a-password@host/bucket?region",
    "s3://key:a-password@host/bucket?region=eu_central",
    "s3://key:a-password@host/bucket?acl=public-read",
    "s3://key:a-password@a_host/bucket",
    "s3://key:a-password@-host/bucket",
]


@pytest.mark.parametrize("address", WRONG_STORES)
def test_wrong_address_of_a_store_is_not_repeated(address):
    with pytest.raises(ImproperlyConfigured, match=re.escape(STORE)) as refused:
        media_store(address)
    assert "a-password" not in str(refused.value)


def test_store_is_named_by_one_address():
    store = media_store("s3://key:a%2Fsecret@host:9000/bucket/clinic?region=eu-central-1&tls=false")
    assert store["OPTIONS"] == {
        "access_key": "key",
        "secret_key": "a/secret",
        "endpoint_url": "http://host:9000",
        "region_name": "eu-central-1",
        "bucket_name": "bucket",
        "location": "clinic",
    }
    plain = media_store("s3://s3.example.com/bucket")["OPTIONS"]
    assert (plain["endpoint_url"], plain["access_key"], plain["location"]) == ("https://s3.example.com", None, "")
    assert "FileSystemStorage" in media_store("  ")["BACKEND"]


@pytest.mark.parametrize("lacking", ["storages", "boto3"])
def test_store_without_its_library_is_one_line(monkeypatch, lacking):
    monkeypatch.setattr("clinic_site.media_store.find_spec", lambda name: name != lacking)
    with pytest.raises(ImproperlyConfigured) as refused:
        media_store("s3://key:a-password@host/bucket")
    assert str(refused.value) == "MEDIA_STORE needs django-storages: pip install -r requirements/s3.txt"
