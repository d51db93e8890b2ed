"""What schemathesis has to be told, and what it is asked beside its own report.

- The bytes of an upload (tus 1.0) are bytes, whatever their media type is called.
- It logs in by itself, and again when a session has ended: it may log out, and end its sessions.
- An identifier that it draws names nothing. Every other valid one is replaced by that of a thing which is there, so that
  operations succeed too, and not only refuse.
- How often each operation gave which status is written to ANSWERED: one that was only ever refused was not tested.
"""

import atexit
import itertools
import json
import os
import uuid

import requests
import schemathesis
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import use_after_free

schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")

API = os.environ["SERVER"] + "/api/v1"
CREDENTIALS = {"email": os.environ["EMAIL"], "password": os.environ["PASSWORD"], "device": "schemathesis"}

answered = {}
turns = itertools.count()


caller = {}


def log_in():
    session = requests.post(f"{API}/auth/login", json=CREDENTIALS, timeout=20).json()
    caller.update(session["user"])
    return session["tokens"]["access_token"]


@schemathesis.auth()
class Session:
    def get(self, case, context):
        return log_in()

    def set(self, case, token, context):
        case.headers["Authorization"] = f"Bearer {token}"


class Things:
    """One of each thing that a path names, made new whenever something may have become of the last one."""

    token = None
    made = None

    def create(self, path, headers=None, **body):
        """A session may have been ended meanwhile: then once more with another."""
        for _ in range(2):
            self.token = self.token or log_in()
            authorized = {"Authorization": f"Bearer {self.token}", **(headers or {})}
            answer = requests.post(f"{API}{path}", headers=authorized, timeout=20, **body)
            if answer.status_code == 201:
                return answer.json()
            self.token = None
        raise AssertionError(f"{path}: {answer.status_code} {answer.text}")

    def upload(self, size, content=b""):
        headers = {
            "Content-Type": "application/offset+octet-stream",
            "Tus-Resumable": "1.0.0",
            "Upload-Length": str(size),
            "Upload-Metadata": "filename aGVsbG8udHh0",
        }
        return self.create("/files", headers, data=content)["id"]

    def make(self):
        name = uuid.uuid4().hex
        room = self.create("/rooms", json={"name": name, "visibility": "public"})["id"]
        message = self.create(f"/rooms/{room}/messages", json={"body": "hello"})["id"]
        user = {"email": f"{name}@acme.test", "name": name, "password": CREDENTIALS["password"], "role": "member"}
        invitation = {"email": f"invited-{name}@acme.test", "role": "member"}
        self.made = {
            "rooms": room,
            "messages": message,
            "threads": self.create(f"/rooms/{room}/threads", json={"message": message})["id"],
            "users": self.create("/users", json=user)["id"],
            "invitations": self.create("/invitations", json=invitation)["invitation"]["id"],
            "streams": f"room:{room}",
            "files": self.upload(1_000),
            "content": self.upload(5, b"hello"),
        }
        self.made["members"] = self.made["users"]

    def of(self, path):
        """By the names of a path's parameters: `rooms/{id}/messages/{message}`."""
        if self.made is None:
            self.make()
        parts = path.strip("/").split("/")
        found = {name.strip("{}"): self.made.get(before) for before, name in zip(parts, parts[1:]) if name.startswith("{")}
        if parts[-1] == "content":
            found["id"] = self.made["content"]
        return {name: thing for name, thing in found.items() if thing is not None}


things = Things()


def is_whole(value):
    return isinstance(value, float) and value.is_integer()


@schemathesis.check
def gone_stays_gone(ctx, response, case):
    """What was deleted cannot be read. A deleted message can: as a tombstone without its text, so that whoever follows the
    room knows that it is gone."""
    if case.operation.definition.raw["operationId"] == "messages.read" and response.status_code == 200:
        message = response.json()
        assert message.get("deleted_at") is None or message["body"] == "", "a deleted message has its text yet"
        return None
    return use_after_free(ctx, response, case)


@schemathesis.hook
def before_call(context, case, kwargs):
    """Only where everything is valid, and where no earlier call says what this one is about."""
    meta = case.meta
    if case.method != "GET" and case.path_parameters and case.path_parameters.get("id") == caller.get("id"):
        # An owner who makes somebody else an owner may become a guest: nothing would succeed from then on.
        case.path_parameters["id"] = str(uuid.uuid4())
    if meta is None or meta.generation.mode != GenerationMode.POSITIVE:
        return
    if isinstance(case.body, dict):
        # A schema takes 1.0 for an integer. Nobody writes one so, and the server does not read it.
        case.body = {name: int(value) if is_whole(value) else value for name, value in case.body.items()}
    if meta.phase.name.value == "stateful":
        return
    if case.path_parameters and next(turns) % 2 == 0:
        case.path_parameters.update(things.of(case.operation.path))
        if case.operation.path.endswith("/threads") and isinstance(case.body, dict):
            case.body["message"] = things.made["messages"]


@schemathesis.hook
def after_call(context, case, response):
    statuses = answered.setdefault(case.operation.definition.raw["operationId"], {})
    statuses[response.status_code] = statuses.get(response.status_code, 0) + 1
    if case.method not in ("GET", "HEAD", "OPTIONS"):
        things.made = None
    if case.operation.path.endswith("/users/me") and case.method == "PATCH" and response.status_code == 200:
        CREDENTIALS["email"] = response.json()["email"]


@atexit.register
def tell():
    with open(os.environ["ANSWERED"], "w", encoding="utf-8") as file:
        json.dump(answered, file)
