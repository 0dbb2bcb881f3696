"""One suite of promises; a folder and a bucket both keep them."""

import multiprocessing
import os
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from moto import mock_aws
from troupe_worker.errors import PassingError
from troupe_worker.storage import BucketStore, ConflictError, ExistsError, FolderStore, MissingError, open_store


@pytest.fixture(params=["folder", "bucket"])
def store(request, tmp_path, monkeypatch):
    if request.param == "folder":
        yield FolderStore(tmp_path)
        return
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        where = {"LocationConstraint": "eu-west-1"}
        boto3.client("s3").create_bucket(Bucket="library", CreateBucketConfiguration=where)
        yield open_store("s3://library/studio/")


def test_what_was_written_is_read(store):
    store.create("a/b.json", b"one")
    assert store.read("a/b.json") == b"one"
    assert store.exists("a/b.json") and not store.exists("a/c.json") and not store.exists("a")


def test_a_large_object_goes_to_a_file(store, tmp_path):
    store.create("models/weights", b"w" * 10_000_000)
    store.fetch("models/weights", tmp_path / "weights")
    assert (tmp_path / "weights").read_bytes() == b"w" * 10_000_000
    with pytest.raises(MissingError):
        store.fetch("models/none", tmp_path / "none")


def test_create_never_overwrites(store):
    store.create("a.png", b"one")
    with pytest.raises(ExistsError):
        store.create("a.png", b"two")
    assert store.read("a.png") == b"one"


def test_replace_overwrites(store):
    store.replace("progress.json", b"one")
    store.replace("progress.json", b"two")
    assert store.read("progress.json") == b"two"


def test_swap_writes_over_the_version_that_was_read_only(store):
    store.create("claim.json", b"one")
    content, version = store.read_version("claim.json")
    store.swap("claim.json", content + b" and two", version)
    with pytest.raises(ConflictError):
        store.swap("claim.json", b"three", version)
    assert store.read("claim.json") == b"one and two"


def test_swap_does_not_create(store):
    with pytest.raises(ConflictError):
        store.swap("claims/none.json", b"one", '"0"')
    assert not store.exists("claims/none.json")


def test_what_is_missing_is_said(store):
    for read in (store.read, store.read_version):
        with pytest.raises(MissingError):
            read("none.json")


def test_list_is_sorted_and_by_prefix(store):
    for key in ("jobs/2/b", "jobs/1/a", "jobs/10/c", "other"):
        store.create(key, b"")
    assert store.list("jobs/") == ["jobs/1/a", "jobs/10/c", "jobs/2/b"]
    assert store.list("jobs/1/") == ["jobs/1/a"]
    assert store.list("nothing/here/") == []


def test_a_folder_shows_no_half_written_file(tmp_path: Path):
    store = FolderStore(tmp_path)
    with store._written("a.json", b"half"):
        assert store.list("") == [] and not store.exists("a.json")
    assert os.listdir(tmp_path) == []


def _claim(root: str, key: str, wins: "multiprocessing.Queue") -> None:
    try:
        FolderStore(Path(root)).create(key, str(os.getpid()).encode())
        wins.put(os.getpid())
    except ExistsError:
        wins.put(None)


def test_of_many_processes_one_creates(tmp_path):
    context = multiprocessing.get_context("fork")
    wins = context.Queue()
    racers = [context.Process(target=_claim, args=(str(tmp_path), "claim.json", wins)) for _ in range(8)]
    for racer in racers:
        racer.start()
    results = [wins.get(timeout=20) for _ in racers]
    for racer in racers:
        racer.join()
    winners = [result for result in results if result is not None]
    assert len(winners) == 1 and FolderStore(tmp_path).read("claim.json") == str(winners[0]).encode()


def test_a_lost_connection_is_passing(monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    store = BucketStore("library", "")

    def refuse(**request):
        raise EndpointConnectionError(endpoint_url="http://127.0.0.1:1")

    monkeypatch.setattr(store.client, "get_object", refuse)
    with pytest.raises(PassingError):
        store.read("jobs/a/job.json")
