// Where everything is. Time runs downwards, but not evenly: each row of events has room for its words, and a pause is longer
// the longer it was, but never as long as it was. What happened at one moment in several lanes shares a row.

const ROW = 22;
const TOP = 10;
const GUTTER = 78;
const LANE_LEAST = 150;
const LANE_MOST = 380;
const LANE_COMPACT = 26;
const WORDS_LEAST = 210;

function layOut(run, filter, width) {
  const marks = shownMarks(run, filter);
  const lanes = shownLanes(run, filter);
  const room = Math.max(0, width - GUTTER);
  const each = Math.floor(room / Math.max(1, lanes.length));
  // Where lanes have no room for words, the words stand beside all lanes.
  const compact = each < LANE_LEAST;
  const laneWidth = compact ? LANE_COMPACT : Math.min(LANE_MOST, each);
  const wordsAt = GUTTER + lanes.length * laneWidth + 6;
  const x = new Array(run.lanes.length).fill(null);
  lanes.forEach((lane, place) => {
    x[lane] = GUTTER + place * laneWidth + (compact ? laneWidth / 2 : 14);
  });

  const rowOf = new Int32Array(run.count).fill(-1);
  const rows = [];
  let y = TOP;
  let taken = new Set();
  for (const mark of marks) {
    const at = run.at[mark];
    const last = rows.at(-1);
    const isWide = run.kind(mark) === "phase";
    const joins = !compact && !isWide && last && !last.isWide && last.at === at && !taken.has(run.lane[mark]);
    if (joins) {
      last.marks.push(mark);
    } else {
      const pause = last ? at - last.at : 0;
      // 40 ms is a tick of the world: less is no pause.
      const gap = pause > 40_000 ? Math.min(64, 7 * Math.log2(pause / 40_000)) : 0;
      y += last ? ROW + gap : ROW / 2;
      rows.push({ at, y, gap, pause, isWide, marks: [mark] });
      taken = new Set();
    }
    taken.add(run.lane[mark]);
    rowOf[mark] = rows.length - 1;
  }
  return {
    marks,
    lanes,
    compact,
    laneWidth,
    wordsAt,
    x,
    rows,
    rowOf,
    height: y + ROW + 40,
    width: compact ? Math.max(width, wordsAt + WORDS_LEAST) : Math.max(width, GUTTER + lanes.length * laneWidth),
  };
}

// The first row at or below a height.
function rowAtHeight(layout, y) {
  return firstWhere(layout.rows.length, (row) => layout.rows[row].y >= y);
}

// How far down a moment is, between the rows around it.
function heightAt(layout, at) {
  const { rows } = layout;
  if (rows.length === 0) return TOP;
  const next = firstWhere(rows.length, (row) => rows[row].at >= at);
  if (next === 0) return rows[0].y - ROW / 2;
  if (next === rows.length) return rows.at(-1).y + ROW / 2;
  const [before, after] = [rows[next - 1], rows[next]];
  if (after.at === at) return after.y;
  return before.y + ((after.y - before.y) * (at - before.at)) / (after.at - before.at);
}

function heightOf(layout, mark) {
  const row = layout.rowOf[mark];
  return row < 0 ? null : layout.rows[row].y;
}

// By halves: the least number below `length` for which something is so, given that it stays so.
function firstWhere(length, isSo) {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isSo(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
