"""What a client in Python sees: python client.py URL TOKEN ROOM. Ends with 0 and `all of it holds`, or with what did not."""

import asyncio
import json
import sys

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

URL, TOKEN, ROOM = sys.argv[1:]
PROTOCOL = "stormglass.v1.json"


async def ask(socket, kind, data):
    """Sends a command; the reply to it, and the events that came before."""
    await socket.send(json.dumps({"type": kind, "id": "1", "data": data}))
    return await until(socket, lambda frame: frame.get("id") == "1")


async def until(socket, wanted):
    events = []
    while True:
        frame = json.loads(await asyncio.wait_for(socket.recv(), 10))
        if wanted(frame):
            return frame, events
        events.append(frame)


async def main():
    authorization = {"Authorization": f"Bearer {TOKEN}"}
    async with connect(URL, subprotocols=[PROTOCOL], additional_headers=authorization) as socket:
        assert socket.subprotocol == PROTOCOL, socket.subprotocol
        welcome, _ = await ask(socket, "hello", {"follow": "all"})
        assert welcome["type"] == "welcome", welcome
        stream = f"room:{ROOM}"
        position = next(state for state in welcome["data"]["streams"] if state["stream"] == stream)
        key = {"room": ROOM, "body": "from Python", "idempotency_key": "python-1"}
        ack, early = await ask(socket, "message.send", key)
        assert ack["type"] == "ack" and ack["data"]["object"]["body"] == "from Python", ack
        created = [frame for frame in early if frame["type"] == "message.created"]
        event = created[0] if created else (await until(socket, lambda frame: frame["type"] == "message.created"))[0]
        assert event["data"] == ack["data"]["object"] and event["seq"] == position["seq"] + 1, event
        await asyncio.wait_for(await socket.ping(b"are you there"), 10)
        await socket.send(b"\x00\x01")
        error, _ = await until(socket, lambda frame: frame["type"] == "error")
        assert error["data"]["temporary"] is False, error
        await socket.send("{")
        error, _ = await until(socket, lambda frame: frame["type"] == "error")
        assert error["data"]["code"] == "invalid_request", error

    # As from a browser, from where it was before the message.
    async with connect(URL, subprotocols=[PROTOCOL, f"bearer.{TOKEN}"]) as socket:
        assert socket.subprotocol == PROTOCOL, socket.subprotocol
        place = {name: position[name] for name in ("stream", "seq", "epoch")}
        welcome, _ = await ask(socket, "hello", {"follow": [stream], "positions": [place]})
        assert welcome["data"]["streams"][0]["recovered"] is True, welcome
        missed, _ = await until(socket, lambda frame: frame["type"] == "message.created")
        assert missed == event, missed

    # Far beyond what the server reads at all.
    async with connect(URL, subprotocols=[PROTOCOL], additional_headers=authorization) as socket:
        try:
            await socket.send("x" * (8 << 20))
            while True:
                await asyncio.wait_for(socket.recv(), 10)
        except ConnectionClosed as closed:
            assert closed.rcvd is None or closed.rcvd.code == 1009, closed

    for headers, status in [({}, 403), ({"Authorization": "Bearer nonsense"}, 403)]:
        try:
            await connect(URL, subprotocols=[PROTOCOL], additional_headers=headers)
            raise AssertionError(f"upgraded with {headers}")
        except InvalidStatus as refused:
            assert refused.response.status_code == status, refused
            assert json.loads(refused.response.body)["code"] == "handshake_refused", refused.response.body
    print("all of it holds")


asyncio.run(main())
