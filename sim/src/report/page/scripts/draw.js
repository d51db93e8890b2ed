// What is in view, as SVG. Only the rows of a window are drawn, however long the run is; colours are the style sheet's.

const PEN = document.createElement("canvas").getContext("2d");

// As much of a text as has room, in the font that labels have here.
function fitted(text, width, isBold) {
  PEN.font = `${isBold ? "650 " : ""}12px system-ui, sans-serif`;
  const all = PEN.measureText(text).width;
  if (all <= width) return text;
  return `${text.slice(0, Math.max(0, Math.floor((text.length * width) / all) - 2))}…`;
}

function draw(run, layout, focus, from, to) {
  const parts = [bands(run, layout, from, to), lines(layout, from, to)];
  const first = rowAtHeight(layout, from);
  const rows = [];
  for (let row = first; row < layout.rows.length && layout.rows[row].y <= to; row += 1) rows.push(layout.rows[row]);
  parts.push(rows.map((row) => backdrop(run, layout, focus, row)).join(""));
  parts.push(arrows(run, layout, focus, from, to));
  parts.push(rows.map((row) => row.marks.map((mark) => markOf(run, layout, focus, row, mark)).join("")).join(""));
  return parts.join("");
}

function bands(run, layout, from, to) {
  const parts = [];
  for (const [number, band] of run.bands.entries()) {
    const x = layout.x[band.lane];
    if (x === null) continue;
    const [top, bottom] = [heightAt(layout, band.from), Math.max(heightAt(layout, band.to), heightAt(layout, band.from) + 3)];
    if (bottom < from || top > to) continue;
    const [y, height] = [Math.max(top, from - 50), Math.min(bottom, to + 50) - Math.max(top, from - 50)];
    const isLine = band.kind === "connected" || band.kind === "up";
    const left = layout.compact ? x - layout.laneWidth / 2 + 2 : x - 9;
    const width = layout.compact ? layout.laneWidth - 4 : layout.laneWidth - 10;
    const shape = isLine ? `x="${x - 2}" width="4" rx="2"` : `x="${left}" width="${width}" rx="3"`;
    parts.push(`<rect class="band ${band.kind}" data-band="${number}" ${shape} y="${y}" height="${Math.max(0, height)}"/>`);
  }
  return parts.join("");
}

function lines(layout, from, to) {
  return layout.lanes
    .map((lane) => `<line class="lane" x1="${layout.x[lane]}" x2="${layout.x[lane]}" y1="${from}" y2="${to}"/>`)
    .join("");
}

function backdrop(run, layout, focus, row) {
  const isBreaking = row.marks.includes(run.breaking);
  const isProof = row.marks.some((mark) => run.proofNumber.has(mark));
  const isFocus = row.marks.includes(focus.mark);
  // What breaks the promise stays red whatever is chosen.
  const classes = isBreaking ? ["breaking"] : [isProof && "proof", isFocus && "focus"].filter(Boolean);
  const rect = (name) => `<rect class="row ${name}" x="0" y="${row.y - ROW / 2}" width="${layout.width}" height="${ROW}"/>`;
  const wide = row.isWide ? `<line class="phase" x1="0" x2="${layout.width}" y1="${row.y}" y2="${row.y}"/>` : "";
  return classes.map(rect).join("") + wide + (isBreaking ? flag(run, layout, row) : "");
}

// Where the world has nothing to say at that moment, the row says what it is.
function flag(run, layout, row) {
  const x = layout.x[0];
  if (layout.compact || x === null || row.marks.some((mark) => run.lane[mark] === 0)) return "";
  const label = "breaks it here";
  PEN.font = "650 11px system-ui, sans-serif";
  return (
    `<rect class="pill" x="${x + 8}" y="${row.y - 8}" width="${PEN.measureText(label).width + 14}" height="16" rx="8"/>` +
    `<text class="pill-words" x="${x + 15}" y="${row.y + 4}">${label}</text>`
  );
}

function arrows(run, layout, focus, from, to) {
  const faint = [];
  const strong = [];
  const serverX = layout.x[run.server];
  if (serverX === null) return "";
  for (const arrow of run.arrows) {
    const deviceY = heightOf(layout, arrow.mark);
    const deviceX = layout.x[run.lane[arrow.mark]];
    if (deviceY === null || deviceX === null) continue;
    const shownServer = arrow.serverMark === null ? null : heightOf(layout, arrow.serverMark);
    let serverY = shownServer ?? heightAt(layout, arrow.serverAt);
    if (Math.max(deviceY, serverY) < from || Math.min(deviceY, serverY) > to) continue;
    const isStrong = isOfFocus(run, focus, arrow);
    const kind = arrow.serverMark === null && arrow.kind !== "lost" ? `${arrow.kind} guessed` : arrow.kind;
    const name = `arrow ${kind}${isStrong ? " strong" : ""}`;
    (isStrong ? strong : faint).push(arrowPath(arrow, name, deviceX, deviceY, serverX, serverY));
  }
  return faint.join("") + strong.join("");
}

function isOfFocus(run, focus, arrow) {
  if (focus.mark === null) return false;
  if (arrow.mark === focus.mark || arrow.serverMark === focus.mark) return true;
  const correlation = run.correlation[focus.mark];
  return correlation !== null && run.correlation[arrow.mark] === correlation;
}

// A head at the end that it goes to; what was lost ends in a cross on its way.
function arrowPath(arrow, name, deviceX, deviceY, serverX, serverY) {
  if (arrow.kind === "lost") {
    const [x, y] = [deviceX + (serverX - deviceX) * 0.4, deviceY + 9];
    return (
      `<path class="${name}" d="M${deviceX} ${deviceY}L${x} ${y}"/>` +
      `<path class="${name} cross" d="M${x - 4} ${y - 4}l8 8m0 -8l-8 8"/>`
    );
  }
  const toServer = arrow.kind === "request";
  const [fromX, fromY, toX, toY] = toServer ? [deviceX, deviceY, serverX, serverY] : [serverX, serverY, deviceX, deviceY];
  const side = toX > fromX ? -1 : 1;
  const tipX = toX + side * 6;
  return (
    `<path class="${name}" d="M${fromX} ${fromY}L${tipX} ${toY}"/>` +
    `<path class="${name} head" d="M${tipX} ${toY}l${side * 6} -3.5v7z"/>`
  );
}

// A shape for each group of kinds, so that they can be told apart without colours.
const SHAPES = {
  step: (x, y) => `<rect x="${x - 4.5}" y="${y - 4.5}" width="9" height="9" rx="2"/>`,
  request: (x, y) => `<circle cx="${x}" cy="${y}" r="4.5"/>`,
  answer: (x, y) => `<circle class="hollow" cx="${x}" cy="${y}" r="4"/>`,
  push: (x, y) => `<path d="M${x - 4.5} ${y - 4.5}h9l-4.5 8.5z"/>`,
  commit: (x, y) => `<path d="M${x} ${y - 6}l6 6l-6 6l-6 -6z"/>`,
  fault: (x, y) => `<path d="M${x + 1.5} ${y - 7}l-6 8h4l-1.5 6l6 -8h-4z"/>`,
  connection: (x, y) => `<path class="stroke" d="M${x - 5} ${y}h10"/>`,
  small: (x, y) => `<circle cx="${x}" cy="${y}" r="2.5"/>`,
};
const SHAPE_OF = {
  step: "step",
  request: "request",
  command: "request",
  answer: "answer",
  reply: "answer",
  push: "push",
  commit: "commit",
  fault: "fault",
  connection: "connection",
  server: "step",
};

function markOf(run, layout, focus, row, mark) {
  const kind = run.kind(mark);
  const x = layout.x[run.lane[mark]] ?? GUTTER / 2;
  const number = run.proofNumber.get(mark);
  const shape = number
    ? `<circle class="badge" cx="${x}" cy="${row.y}" r="8"/><text class="number" x="${x}" y="${row.y + 3.5}">${number}</text>`
    : SHAPES[SHAPE_OF[kind] ?? "small"](x, row.y);
  const isRefusal = kind === "answer" || kind === "reply" ? / refused|answered [45]/.test(run.text(mark)) : false;
  const related = focus.mark !== null && isRelated(run, focus.mark, mark);
  const classes = ["mark", kind, isRefusal && "refusal", number && "proof", mark === run.breaking && "breaking"];
  if (mark === focus.mark) classes.push("focus");
  else if (related) classes.push("related");
  return `<g class="${classes.filter(Boolean).join(" ")}" data-mark="${mark}">${shape}${words(run, layout, focus, row, mark, x)}</g>`;
}

function isRelated(run, focus, mark) {
  return run.correlation[focus] !== null && run.correlation[focus] === run.correlation[mark];
}

function words(run, layout, focus, row, mark, x) {
  const isWide = row.isWide;
  const at = layout.compact ? layout.wordsAt : isWide ? GUTTER + 12 : x + 12;
  const end = layout.compact || isWide ? layout.width - 4 : x - 14 + layout.laneWidth - 4;
  const who = layout.compact && !isWide && run.who(mark) !== "world" ? `${run.who(mark)}  ` : "";
  const isBold = mark === run.breaking || mark === focus.mark || run.kind(mark) === "step" || run.kind(mark) === "fault";
  const shown = fitted(who + run.text(mark), end - at, isBold);
  return `<text class="words" x="${at}" y="${row.y + 4}">${escaped(shown)}</text>`;
}

// The times beside the rows, which stay where they are when lanes scroll sideways.
function drawTimes(run, layout, from, to) {
  const parts = [];
  let lastAt = null;
  for (let row = rowAtHeight(layout, from - ROW); row < layout.rows.length; row += 1) {
    const { at, y, pause, gap, marks } = layout.rows[row];
    const breaking = marks.includes(run.breaking) ? ' class="breaking"' : "";
    if (y > to) break;
    if (gap > 26) parts.push(`<i style="top:${y - gap / 2 - ROW / 2}px">+${seconds(pause)}</i>`);
    if (at !== lastAt || breaking) parts.push(`<b${breaking} style="top:${y}px">${seconds(at)}</b>`);
    lastAt = at;
  }
  return parts.join("");
}
