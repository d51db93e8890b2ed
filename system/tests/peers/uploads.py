"""What a tus client in Python sees: python uploads.py BASE TOKEN ROOM QUOTA_BYTES DIRECTORY.

`tuspy` speaks the protocol as tus.io wrote it down, and knows nothing of this server. Ends with 0 and `all of it holds`, or
with what did not.
"""

import hashlib
import json
import os
import random
import sys

import requests
from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError, TusUploadFailed
from tusclient.storage.filestorage import FileStorage

BASE, TOKEN, ROOM, QUOTA_BYTES, DIRECTORY = sys.argv[1:]
FILES = f"{BASE}/api/v1/files"
AUTHORIZATION = {"Authorization": f"Bearer {TOKEN}"}
CHUNK = 700_000

tus = TusClient(FILES, headers=AUTHORIZATION)


def content(name, length):
    """Writes a file of bytes that compress to nothing and repeat nowhere: its path, and the bytes."""
    path, written = os.path.join(DIRECTORY, name), random.Random(name).randbytes(length)
    with open(path, "wb") as file:
        file.write(written)
    return path, written


def metadata(name):
    return {"filename": name, "filetype": "application/x-test"}


def object_of(url):
    answer = requests.get(url, headers=AUTHORIZATION, timeout=20)
    assert answer.status_code == 200, answer.text
    return answer.json()


def quota():
    return requests.get(f"{BASE}/api/v1/quota", headers=AUTHORIZATION, timeout=20).json()


def assert_holds(url, expected):
    """Whole and in parts, the file is what was sent."""
    file = object_of(url)
    assert (file["state"], file["offset"], file["size"]) == ("complete", len(expected), len(expected)), file
    answer = requests.get(f"{url}/content", headers=AUTHORIZATION, timeout=20)
    assert answer.status_code == 200 and answer.content == expected, (answer.status_code, len(answer.content))
    part = requests.get(f"{url}/content", headers={**AUTHORIZATION, "Range": "bytes=699990-700010"}, timeout=20)
    assert part.status_code == 206 and part.content == expected[699_990:700_011], part.status_code


def several_chunks():
    path, expected = content("several.bin", 2_000_003)
    with open(path, "rb") as stream:
        uploader = tus.uploader(
            file_stream=stream, chunk_size=CHUNK, metadata={**metadata("several.bin"), "room": ROOM}, upload_checksum=True
        )
        uploader.upload()
    assert uploader.offset == len(expected), uploader.offset
    assert object_of(uploader.url)["room"] == ROOM
    assert_holds(uploader.url, expected)


def interrupted_and_resumed():
    """The first program stops after a chunk; another one finds the upload by the file's fingerprint and goes on."""
    path, expected = content("resumed.bin", 2_100_000)
    stored = os.path.join(DIRECTORY, "urls.json")

    def uploader():
        storage = FileStorage(stored)
        return tus.uploader(
            path, chunk_size=CHUNK, metadata=metadata("resumed.bin"), store_url=True, url_storage=storage, upload_checksum=True
        )

    first = uploader()
    first.upload(stop_at=CHUNK)
    second = uploader()
    assert second.url == first.url and second.offset == CHUNK, (second.url, second.offset)
    second.upload()
    assert_holds(second.url, expected)


def a_request_that_dies_is_tried_again():
    """A chunk whose request never arrives: tuspy asks for the offset and goes on from there."""
    path, expected = content("retried.bin", 1_500_000)
    uploader = tus.uploader(path, chunk_size=CHUNK, metadata=metadata("retried.bin"), retries=1, retry_delay=0)
    uploader.upload_chunk()
    good, uploader.url = uploader.url, "http://127.0.0.1:1/"

    def ask_the_right_one(ask=uploader.get_offset):
        uploader.url = good
        return ask()

    uploader.get_offset = ask_the_right_one
    uploader.upload()
    assert_holds(good, expected)


def wrong_checksum():
    """What a chunk adds up to is told of another one: 460, and nothing of it is kept."""
    path, expected = content("garbled.bin", 900_000)
    uploader = tus.uploader(path, chunk_size=CHUNK, metadata=metadata("garbled.bin"), upload_checksum=True)

    class Wrong:
        def __init__(self, data):
            self.data = data

        def digest(self):
            return hashlib.sha1(self.data + b"!").digest()

    right, uploader._BaseUploader__checksum_algorithm = uploader.checksum_algorithm, Wrong
    try:
        uploader.upload()
        raise AssertionError("a chunk without its checksum was taken")
    except TusUploadFailed as error:
        assert error.status_code == 460, error.status_code
    assert uploader.get_offset() == 0
    uploader._BaseUploader__checksum_algorithm = right
    uploader.upload()
    assert_holds(uploader.url, expected)


def empty():
    path, _ = content("empty.bin", 0)
    uploader = tus.uploader(path, metadata=metadata("empty.bin"))
    uploader.upload()
    assert object_of(uploader.url)["state"] == "complete"


def refused(uploader):
    """The status and the problem with which the server refuses to create an upload."""
    try:
        uploader.create_url()
    except TusCommunicationError as error:
        return error.status_code, json.loads(error.response_content)
    raise AssertionError("the upload was created")


def beyond_the_quota():
    """Refused when it is created, with the numbers, and nothing is reserved."""
    path, _ = content("large.bin", int(QUOTA_BYTES))
    before = quota()
    status, problem = refused(tus.uploader(path, metadata=metadata("large.bin")))
    assert (status, problem["code"]) == (413, "quota_exceeded"), problem
    assert str(QUOTA_BYTES) in json.dumps(problem), problem
    assert quota() == before


def unknown_metadata():
    path, _ = content("odd.bin", 10)
    status, problem = refused(tus.uploader(path, metadata={**metadata("odd.bin"), "colour": "red"}))
    assert status == 422 and "colour" in json.dumps(problem), problem


for check in [
    several_chunks,
    interrupted_and_resumed,
    a_request_that_dies_is_tried_again,
    wrong_checksum,
    empty,
    beyond_the_quota,
    unknown_metadata,
]:
    check()
    print(f"holds: {check.__name__}")
print("all of it holds")
