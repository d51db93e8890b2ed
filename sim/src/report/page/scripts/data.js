// The data of one run, as the page carries it, with the few ways into it that everything else needs.
//
// Marks are columns: `at[mark]`, `lane[mark]` and so on, in the order of time. Nothing here knows how they are drawn.

const kindNames = (raw) => raw.kinds.map((kind) => kind.id);

function readRun(element) {
  const raw = JSON.parse(element.textContent);
  const { marks } = raw;
  const kinds = kindNames(raw);
  const run = {
    lanes: raw.lanes,
    streams: raw.streams,
    correlations: raw.correlations,
    kinds: raw.kinds,
    bands: raw.bands,
    changes: raw.changes,
    proof: raw.proof,
    leftOut: raw.left_out,
    count: marks.at.length,
    at: marks.at,
    lane: marks.lane,
    stream: marks.stream,
    seq: marks.seq,
    correlation: marks.correlation,
    kindNumber: marks.kind,
    kind: (mark) => kinds[marks.kind[mark]],
    text: (mark) => raw.texts[marks.text[mark]],
    body: (mark) => (marks.body[mark] === null ? null : raw.texts[marks.body[mark]]),
    who: (mark) => raw.lanes[marks.lane[mark]].name,
    arrows: raw.arrows.map(([kind, mark, serverMark, serverAt]) => ({ kind, mark, serverMark, serverAt })),
  };
  run.server = raw.lanes.findIndex((lane) => lane.kind === "server");
  run.breaking = (raw.proof.find((link) => link.breaks_it) ?? raw.proof.at(-1))?.mark ?? null;
  run.proofNumber = new Map(raw.proof.map((link) => [link.mark, link.link + 1]));
  run.withCorrelation = new Map();
  for (let mark = 0; mark < run.count; mark += 1) {
    const correlation = run.correlation[mark];
    if (correlation === null) continue;
    if (!run.withCorrelation.has(correlation)) run.withCorrelation.set(correlation, []);
    run.withCorrelation.get(correlation).push(mark);
  }
  run.arrowsOf = new Map();
  for (const arrow of run.arrows) {
    for (const mark of [arrow.mark, arrow.serverMark]) {
      if (mark === null) continue;
      if (!run.arrowsOf.has(mark)) run.arrowsOf.set(mark, []);
      run.arrowsOf.get(mark).push(arrow);
    }
  }
  return run;
}

// `4.216 s`, as every report tells a time.
function seconds(microseconds) {
  const milliseconds = Math.floor(microseconds / 1000);
  return `${Math.floor(milliseconds / 1000)}.${String(milliseconds % 1000).padStart(3, "0")} s`;
}

function escaped(text) {
  return String(text).replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}
