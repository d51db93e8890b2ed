// All that is known of one event: in the panel for the one that is chosen, in a tip for the one that is pointed at.

function details(run, mark) {
  const facts = [fact("Kind", escaped(run.kinds[run.kindNumber[mark]].label))];
  if (run.stream[mark] !== null) {
    const place = run.seq[mark] === null ? "" : `, position ${run.seq[mark]}`;
    facts.push(fact("Stream", `${escaped(run.streams[run.stream[mark]])}${place}`));
  }
  const correlation = run.correlation[mark];
  if (correlation !== null) {
    const count = run.withCorrelation.get(correlation).length;
    const next = count > 1 ? ` <button type="button" data-do="next-correlated">next of ${count} <kbd>c</kbd></button>` : "";
    facts.push(fact("Correlation id", `<code>${escaped(run.correlations[correlation])}</code>${next}`));
  }
  const links = linked(run, mark).map(([label, other]) => {
    const told = `${seconds(run.at[other])} ${run.who(other)} ${run.text(other)}`;
    return `<li>${label} <button type="button" class="link" data-mark="${other}">${escaped(told)}</button></li>`;
  });
  const number = run.proofNumber.get(mark);
  const proof = number ? `<p class="of-proof">Link ${number} of the proof${mark === run.breaking ? ": it breaks the promise" : ""}.</p>` : "";
  const body = run.body(mark);
  return (
    `<p class="when"><time>${seconds(run.at[mark])}</time> <strong>${escaped(run.who(mark))}</strong></p>` +
    `<p class="what">${escaped(run.text(mark))}</p>${proof}<dl>${facts.join("")}</dl>` +
    (links.length ? `<ul class="links">${links.slice(0, 14).join("")}</ul>` : "") +
    (body === null ? "" : `<pre tabindex="0" aria-label="The frame or body">${escaped(pretty(body))}</pre>`)
  );
}

function fact(name, value) {
  return `<div><dt>${name}</dt><dd>${value}</dd></div>`;
}

// What an event led to or came from, along its arrows and its correlation id.
function linked(run, mark) {
  const links = new Map();
  const label = { request: "asked at", answer: "answered at", push: "reached a device at", lost: "asked at", commit: "committed at" };
  const add = (other, kind) => {
    if (other !== mark && !links.has(other)) links.set(other, label[kind] ?? "see");
  };
  for (const arrow of run.arrowsOf.get(mark) ?? []) {
    add(arrow.mark, arrow.kind);
    if (arrow.serverMark !== null) add(arrow.serverMark, "commit");
  }
  const kinds = { request: "asked at", command: "asked at", commit: "committed at", answer: "answered at", reply: "answered at", push: "reached a device at", log: "logged at" };
  const correlation = run.correlation[mark];
  for (const other of correlation === null ? [] : run.withCorrelation.get(correlation)) {
    if (other !== mark && !links.has(other)) links.set(other, kinds[run.kind(other)] ?? "see");
  }
  return [...links].sort(([one], [other]) => one - other).map(([other, how]) => [how, other]);
}

// JSON by lines, wherever it stands in a body.
function pretty(body) {
  const start = body.search(/[[{]/);
  if (start < 0) return body;
  try {
    return body.slice(0, start) + JSON.stringify(JSON.parse(body.slice(start)), null, 2);
  } catch {
    // Shortened, or no JSON at all: as it is.
    return body;
  }
}

function tip(run, mark) {
  const body = run.body(mark);
  const short = body === null ? "" : `<code>${escaped(body.length > 420 ? `${body.slice(0, 420)}…` : body)}</code>`;
  return `<p><time>${seconds(run.at[mark])}</time> <strong>${escaped(run.who(mark))}</strong></p><p>${escaped(run.text(mark))}</p>${short}`;
}

function bandTip(run, band) {
  return `<p><time>${seconds(band.from)} to ${seconds(band.to)}</time> <strong>${escaped(run.lanes[band.lane].name)}</strong></p><p>${escaped(band.text)}</p>`;
}
