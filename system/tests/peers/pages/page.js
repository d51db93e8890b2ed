// What a page of an allowed origin does with the server, by the browser's own WebSocket and fetch. It reports line by line;
// the last line is `all of it holds`, or what does not.

const { server, room, token, mate, foreign } = document.getElementById("stage").dataset;
const report = document.getElementById("report");
const PROTOCOL = "stormglass.v1.json";
const STREAM = `room:${room}`;
const PATIENCE_MS = 20_000;

const tell = (line) => report.append(`${line}\n`);

function assert(holds, ...told) {
  if (!holds) throw new Error(told.map((one) => JSON.stringify(one)).join(" "));
}

function within(promise, what) {
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error(`too late: ${what}`)), PATIENCE_MS));
  return Promise.race([promise, late]);
}

const elsewhere = within(
  new Promise((resolve) => addEventListener("message", (event) => event.origin === foreign && resolve(event.data))),
  "the foreign page",
);

/** A connection whose frames wait until they are asked for. */
class Connection {
  frames = [];
  waiting = null;

  constructor(protocols) {
    this.socket = new WebSocket(`ws://${server}/ws`, protocols);
    this.socket.binaryType = "arraybuffer";
    this.opened = new Promise((resolve) => {
      this.socket.onopen = () => resolve(true);
      this.closed = new Promise((closed) => {
        this.socket.onclose = (event) => (resolve(false), closed(event));
      });
    });
    this.socket.onmessage = ({ data }) => {
      const frame = JSON.parse(data);
      if (frame.type === "ping") return this.say({ type: "pong", data: {} });
      this.frames.push(frame);
      this.waiting?.();
    };
  }

  say(frame) {
    this.socket.send(JSON.stringify(frame));
  }

  /** The next frame for which `wanted` is true; those before it are left. */
  async next(what, wanted) {
    const found = async () => {
      for (;;) {
        const place = this.frames.findIndex(wanted);
        if (place >= 0) return this.frames.splice(place, 1)[0];
        await new Promise((resolve) => (this.waiting = resolve));
      }
    };
    return within(found(), what);
  }

  async ask(type, data) {
    const id = crypto.randomUUID();
    this.say({ type, id, data });
    return this.next(`the reply to ${type}`, (frame) => frame.id === id);
  }

  created(body) {
    return this.next(body, (frame) => frame.type === "message.created" && frame.data.body === body);
  }
}

async function connect() {
  const connection = new Connection([PROTOCOL, `bearer.${token}`]);
  assert(await within(connection.opened, "the upgrade"), "not upgraded");
  assert(connection.socket.protocol === PROTOCOL, connection.socket.protocol);
  // REQUIREMENTS.md WS-17: the browser offers compression, and the server takes none up.
  assert(connection.socket.extensions === "", connection.socket.extensions);
  return connection;
}

/** A call over REST. */
function call(method, path, { as = token, headers = {}, body } = {}) {
  const type = typeof body === "string" ? { "content-type": "application/json" } : {};
  const all = { authorization: `Bearer ${as}`, ...type, ...headers };
  return fetch(`http://${server}${path}`, { method, headers: all, body });
}

function post(body, as = mate) {
  const headers = { "idempotency-key": crypto.randomUUID() };
  return call("POST", `/api/v1/rooms/${room}/messages`, { as, headers, body: JSON.stringify({ body }) });
}

const checks = {
  async "REST answers, and its headers can be read"() {
    const answer = await call("GET", `/api/v1/rooms/${room}`);
    const { id } = await answer.json();
    assert(answer.status === 200 && id === room, answer.status, id);
    assert(answer.headers.get("etag") && answer.headers.get("x-correlation-id"), [...answer.headers]);
    const refused = await call("GET", "/api/v1/rooms", { as: "nonsense" });
    assert(refused.status === 401 && (await refused.json()).code === "unauthenticated", refused.status);
  },

  async "a bad token opens nothing"() {
    for (const protocols of [[PROTOCOL], [PROTOCOL, "bearer.nonsense"], [`bearer.${token}`]]) {
      const connection = new Connection(protocols);
      assert(!(await within(connection.opened, "the refusal")), "upgraded", protocols.length);
    }
  },

  async "messages: one's own, another's, and those of a time without connection"() {
    const first = await connect();
    const welcome = await first.ask("hello", { follow: [] });
    assert(welcome.type === "welcome", welcome);
    const subscribed = await first.ask("subscribe", { stream: STREAM });
    assert(subscribed.type === "subscribed", subscribed);
    const message = { room, body: "from a browser", idempotency_key: "browser-1" };
    const ack = await first.ask("message.send", message);
    const own = await first.created("from a browser");
    assert(JSON.stringify(own.data) === JSON.stringify(ack.data.object), own, ack);
    assert(own.seq === subscribed.data.seq + 1 && own.stream === STREAM, own);
    const answer = await post("from another");
    const other = await first.created("from another");
    assert(answer.status === 201 && JSON.stringify(other.data) === JSON.stringify(await answer.json()), other);
    assert(other.seq === own.seq + 1, other);
    first.socket.close(1000, "enough");
    const closed = await within(first.closed, "the close");
    assert(closed.wasClean && closed.code === 1000, closed.code);

    await post("while away");
    const second = await connect();
    const position = { stream: STREAM, seq: other.seq, epoch: subscribed.data.epoch };
    const back = await second.ask("hello", { follow: [STREAM], positions: [position] });
    assert(back.data.streams[0].recovered === true, back);
    const missed = await second.created("while away");
    assert(missed.seq === other.seq + 1, missed);
    const again = await second.ask("message.send", message);
    assert(again.data.duplicate === true && again.data.object.id === ack.data.object.id, again);
    assert(!second.frames.some((frame) => frame.type === "message.created"), second.frames);
    second.socket.close();
  },

  async "an upload: created over REST, sent by a binary frame, read back"() {
    const bytes = crypto.getRandomValues(new Uint8Array(10_000));
    const headers = {
      "tus-resumable": "1.0.0",
      "upload-length": `${bytes.length}`,
      "upload-metadata": `filename ${btoa("bytes.bin")}`,
    };
    const created = await call("POST", "/api/v1/files", { headers });
    const place = created.headers.get("location");
    assert(created.status === 201 && place, created.status, place);
    const file = place.split("/").at(-1);
    const connection = await connect();
    await connection.ask("hello", { follow: [] });
    const frame = new Uint8Array(29 + bytes.length);
    const view = new DataView(frame.buffer);
    view.setUint8(0, 1);
    frame.set(Uint8Array.from(file.replaceAll("-", "").match(/../g), (byte) => parseInt(byte, 16)), 1);
    view.setBigUint64(17, 0n);
    view.setUint32(25, 7);
    frame.set(bytes, 29);
    connection.socket.send(frame);
    const stored = await connection.next("the ack of the chunk", ({ id }) => id === "7");
    assert(stored.type === "ack" && stored.data.offset === bytes.length, stored);
    connection.socket.send(new Uint8Array([9, 9]));
    const error = await connection.next("the error", ({ type }) => type === "error");
    assert(error.data.code === "invalid_request", error);
    connection.socket.close();
    const range = { range: "bytes=1000-1999" };
    const part = await call("GET", `${place}/content`, { headers: range });
    assert(part.status === 206 && part.headers.get("content-range") === "bytes 1000-1999/10000", part.status);
    const read = new Uint8Array(await part.arrayBuffer());
    assert(read.length === 1000 && read.every((byte, at) => byte === bytes[1000 + at]), read.length);
  },

  async "a page of another origin gets at nothing"() {
    const seen = await elsewhere;
    assert(seen.opened === false && seen.rest === "TypeError" && seen.simple === "TypeError", seen);
  },

  async "the end of a session closes its connection, and says not to come back"() {
    const connection = await connect();
    await connection.ask("hello", { follow: [] });
    const logout = await call("POST", "/api/v1/auth/logout");
    assert(logout.status === 204, logout.status);
    const closed = await within(connection.closed, "the close");
    assert(closed.code === 4501, closed.code, closed.reason);
  },
};

try {
  for (const [name, check] of Object.entries(checks)) {
    await check().catch((error) => Promise.reject(new Error(`${name}: ${error.message}`)));
    tell(`holds: ${name}`);
  }
  tell("all of it holds");
} catch (error) {
  tell(`DOES NOT HOLD: ${error.message}`);
}
fetch("/complete", { method: "POST" });
