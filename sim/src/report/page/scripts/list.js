// The same events as a table: for readers without a mouse or without a screen, and for copying.

const PAGE_ROWS = 200;

function listPage(run, marks, focus) {
  const place = Math.max(0, firstWhere(marks.length, (number) => marks[number] >= (focus ?? 0)));
  const page = Math.min(Math.floor(place / PAGE_ROWS), Math.max(0, Math.ceil(marks.length / PAGE_ROWS) - 1));
  return page;
}

function list(run, marks, focus, page) {
  const pages = Math.max(1, Math.ceil(marks.length / PAGE_ROWS));
  const shown = marks.slice(page * PAGE_ROWS, (page + 1) * PAGE_ROWS);
  const rows = shown.map((mark) => {
    const number = run.proofNumber.get(mark);
    const proof = number ? `<span class="badge">${mark === run.breaking ? "breaks it" : `proof ${number}`}</span> ` : "";
    const place = run.stream[mark] === null ? "" : `${run.streams[run.stream[mark]]}${run.seq[mark] === null ? "" : ` #${run.seq[mark]}`}`;
    const correlation = run.correlation[mark] === null ? "" : run.correlations[run.correlation[mark]];
    // Its end tells it from all others, and a jump takes the end too.
    const short = correlation.length > 14 ? `…${correlation.slice(-12)}` : correlation;
    const classes = [number && "proof", mark === run.breaking && "breaking", mark === focus && "focus"].filter(Boolean).join(" ");
    return (
      `<tr class="${classes}"><td>${seconds(run.at[mark])}</td><td>${escaped(run.who(mark))}</td>` +
      `<td>${proof}<button type="button" class="link" data-mark="${mark}">${escaped(run.text(mark))}</button></td>` +
      `<td>${escaped(run.kinds[run.kindNumber[mark]].label)}</td><td>${escaped(place)}</td><td><code title="${escaped(correlation)}">${escaped(short)}</code></td></tr>`
    );
  });
  const from = marks.length === 0 ? 0 : page * PAGE_ROWS + 1;
  const caption = `Events ${from} to ${page * PAGE_ROWS + shown.length} of the ${marks.length} that the filters leave`;
  const heads = ["time", "who", "what", "kind", "stream", "correlation id"];
  const button = (step, label) => {
    const other = page + step;
    const isOff = other < 0 || other >= pages;
    return `<button type="button" data-page="${other}"${isOff ? " disabled" : ""}>${label}</button>`;
  };
  return (
    table(caption, heads, rows) +
    `<nav aria-label="Pages of events">${button(-1, "earlier")}<span>${page + 1} of ${pages}</span>${button(1, "later")}</nav>`
  );
}
