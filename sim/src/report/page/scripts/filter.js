// What of a run is shown: which lanes, which stream, which kinds.

// A reader of a failure begins with the lanes of its proof, where there are others to leave out.
function freshFilter(run) {
  const ofProof = run.lanes.map((lane) => lane.in_proof || lane.kind !== "device");
  const hasProof = run.lanes.some((lane) => lane.in_proof && lane.kind === "device");
  return {
    lanes: run.lanes.map((_, lane) => !hasProof || ofProof[lane]),
    kinds: run.kinds.map((kind) => kind.is_shown),
    stream: null,
  };
}

// With a stream chosen, what is about no stream at all stays: faults, connections and the server's process explain the rest.
const ABOUT_EVERYTHING = new Set(["fault", "connection", "server", "phase", "proof"]);

function isShown(run, filter, mark) {
  if (run.kind(mark) === "phase") return filter.kinds[run.kindNumber[mark]];
  if (!filter.lanes[run.lane[mark]]) return false;
  // The proof is what one came for: in the lanes that are shown it is never hidden.
  if (run.proofNumber.has(mark)) return true;
  if (!filter.kinds[run.kindNumber[mark]]) return false;
  if (filter.stream === null || run.stream[mark] === filter.stream) return true;
  if (run.stream[mark] === null && ABOUT_EVERYTHING.has(run.kind(mark))) return true;
  return false;
}

function shownLanes(run, filter) {
  return run.lanes.map((_, lane) => lane).filter((lane) => filter.lanes[lane]);
}

function shownMarks(run, filter) {
  const shown = [];
  for (let mark = 0; mark < run.count; mark += 1) if (isShown(run, filter, mark)) shown.push(mark);
  return shown;
}

// In words, for the line beside the filters.
function filterInWords(run, filter, shown) {
  return `${shown.toLocaleString("en")} of ${run.count.toLocaleString("en")} events`;
}

// How much of something is on; nothing where all of it is.
function portion(flags) {
  const on = flags.filter(Boolean).length;
  return on === flags.length ? "" : ` ${on} of ${flags.length}`;
}
