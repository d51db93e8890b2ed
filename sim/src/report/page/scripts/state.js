// What was the case at a moment, from what happened until then: who was connected, as whom, and how far in which stream.

function stateAt(run, moment) {
  const devices = new Map();
  const heads = new Map();
  const server = { is: null, incarnation: null };
  const device = (lane) => {
    if (!devices.has(lane)) devices.set(lane, { connection: null, role: null, follows: new Map() });
    return devices.get(lane);
  };
  const apply = {
    connected: (change) => Object.assign(device(change.lane), { connection: change.connection }),
    away: (change) => Object.assign(device(change.lane), { connection: null }),
    role: (change) => Object.assign(device(change.lane), { role: change.role }),
    follows: (change) => device(change.lane).follows.set(change.stream, change.seq),
    leaves: (change) => device(change.lane).follows.delete(change.stream),
    server: (change) => Object.assign(server, { is: change.is, incarnation: change.incarnation }),
    head: (change) => heads.set(change.stream, change.seq),
  };
  let next = 0;
  for (let mark = 0; mark <= moment; mark += 1) {
    for (; next < run.changes.length && run.changes[next].mark <= mark; next += 1) apply[run.changes[next].news](run.changes[next]);
    const [stream, seq, kind] = [run.stream[mark], run.seq[mark], run.kind(mark)];
    if (stream === null || seq === null) continue;
    if (kind === "commit") heads.set(stream, Math.max(seq, heads.get(stream) ?? 0));
    if (kind === "push") device(run.lane[mark]).follows.set(stream, seq);
  }
  return { devices, heads, server };
}

// As tables: each device, then each stream with how far everybody is.
function stateInWords(run, moment) {
  const { devices, heads, server } = stateAt(run, moment);
  const rows = [...devices].sort(([one], [other]) => one - other).map(([lane, known]) => {
    const positions = [...known.follows].map(([stream, seq]) => {
      const head = heads.get(stream);
      const isBehind = head !== undefined && seq < head;
      const of = isBehind ? `<b class="behind">${seq} of ${head}</b>` : seq;
      return `<li>${escaped(run.streams[stream])} at ${of}</li>`;
    });
    const is = known.connection === null ? '<span class="off">not connected</span>' : `connection ${known.connection}`;
    const role = known.role === null ? "" : `, ${known.role}`;
    const follows = positions.length ? `<ul>${positions.join("")}</ul>` : "nothing yet";
    return `<tr><th scope="row">${escaped(run.lanes[lane].name)}<small>${is}${role}</small></th><td>${follows}</td></tr>`;
  });
  const streams = [...heads].sort(([one], [other]) => one - other).map(([stream, head]) => {
    const followers = [...devices].filter(([, known]) => known.follows.has(stream));
    const upToDate = followers.filter(([, known]) => known.connection !== null && known.follows.get(stream) >= head).length;
    return `<tr><th scope="row">${escaped(run.streams[stream])}</th><td>${head}</td><td>${upToDate} of ${followers.length}</td></tr>`;
  });
  const life = server.is === null ? "not started" : `server ${server.incarnation} is ${server.is}`;
  return (
    `<p>${life}</p>` +
    table("Devices", ["device", "follows, and how far it is"], rows) +
    table("Streams", ["stream", "committed to", "connected and up to date"], streams)
  );
}

function table(caption, heads, rows) {
  if (rows.length === 0) return "";
  const head = heads.map((name) => `<th scope="col">${name}</th>`).join("");
  return `<table><caption>${caption}</caption><thead><tr>${head}</tr></thead><tbody>${rows.join("")}</tbody></table>`;
}
