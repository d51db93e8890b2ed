// From what somebody typed to an event: a correlation id or its beginning or end, a place such as `support#5`, a time, or
// words of a sentence.

function matches(run, typed) {
  const text = typed.trim().toLowerCase();
  if (text === "") return [];
  const correlated = run.correlations
    .map((id, number) => [id.toLowerCase(), number])
    .filter(([id]) => id.startsWith(text) || (text.length >= 6 && id.endsWith(text)))
    .flatMap(([, number]) => run.withCorrelation.get(number) ?? []);
  if (correlated.length > 0) return correlated.sort((one, other) => one - other);
  const time = /^(\d+(?:\.\d+)?)\s*s?$/.exec(text);
  if (time) {
    const at = Number(time[1]) * 1_000_000;
    const mark = firstWhere(run.count, (candidate) => run.at[candidate] >= at);
    return mark < run.count ? [mark] : [];
  }
  const found = [];
  for (let mark = 0; mark < run.count; mark += 1) {
    if (`${run.who(mark)} ${run.text(mark)}`.toLowerCase().includes(text)) found.push(mark);
  }
  return found;
}

// The match after `focus`, or before it, from the other end again where there is no more.
function nextOf(marks, focus, isBackwards) {
  if (marks.length === 0) return null;
  const at = focus ?? -1;
  if (isBackwards) return marks.findLast((mark) => mark < at) ?? marks.at(-1);
  return marks.find((mark) => mark > at) ?? marks[0];
}
