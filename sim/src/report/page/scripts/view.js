// One run on the page: what is in focus, what is in view, and everything that can be done with it.

function viewOf(run, parts) {
  const filter = freshFilter(run);
  const focus = { mark: null };
  let layout = null;
  let drawn = { from: 0, to: -1 };
  let isList = false;
  let page = 0;

  // Twice the height of what is seen is drawn, so that most scrolling draws nothing.
  const paint = (isForced) => {
    if (isList) return;
    const [top, height] = [parts.scroller.scrollTop, parts.scroller.clientHeight];
    const isInside = top >= drawn.from && top + height <= drawn.to;
    if (isInside && !isForced) return;
    drawn = { from: Math.max(0, top - height / 2), to: Math.min(top + height * 1.5, layout.height) };
    const tall = drawn.to - drawn.from;
    parts.svg.setAttribute("viewBox", `0 ${drawn.from} ${layout.width} ${tall}`);
    parts.svg.style.cssText = `top:${drawn.from}px;width:${layout.width}px;height:${tall}px`;
    parts.svg.innerHTML = draw(run, layout, focus, drawn.from, drawn.to);
    parts.times.innerHTML = drawTimes(run, layout, drawn.from, drawn.to);
  };

  const arrange = () => {
    // What is in the middle stays there when filters change.
    const middle = layout ? parts.scroller.scrollTop + parts.scroller.clientHeight / 2 : 0;
    const moment = layout?.rows[Math.min(rowAtHeight(layout, middle), layout.rows.length - 1)]?.at ?? 0;
    const isFirst = layout === null;
    parts.tip.hidden = true;
    layout = layOut(run, filter, parts.scroller.clientWidth);
    parts.sheet.style.cssText = `width:${layout.width}px;height:${layout.height}px`;
    parts.heads.className = layout.compact ? "heads compact" : "heads";
    parts.heads.style.width = `${layout.width}px`;
    parts.heads.innerHTML = heads();
    parts.count.textContent = filterInWords(run, filter, layout.marks.length);
    if (!isFirst) parts.scroller.scrollTop = heightAt(layout, moment) - parts.scroller.clientHeight / 2;
    if (isList) showList(listPage(run, layout.marks, focus.mark));
    paint(true);
  };

  const heads = () =>
    layout.lanes
      .map((lane) => {
        const { name, in_proof: inProof, kind } = run.lanes[lane];
        const left = layout.compact ? layout.x[lane] - layout.laneWidth / 2 : layout.x[lane] - 14;
        return `<span class="${inProof ? "proof" : kind}" style="left:${left}px;width:${layout.laneWidth}px" title="${escaped(name)}">${escaped(name)}</span>`;
      })
      .join("");

  const showList = (wanted) => {
    page = wanted;
    parts.list.innerHTML = list(run, layout.marks, focus.mark, page);
    parts.list.querySelector("tr.focus")?.scrollIntoView({ block: "nearest" });
  };

  const showDetails = () => {
    const has = focus.mark !== null;
    parts.empty.hidden = has;
    parts.details.innerHTML = has ? details(run, focus.mark) : "";
    parts.moment.hidden = !has;
    parts.stateTitle.textContent = has ? `State at ${seconds(run.at[focus.mark])}` : "";
    parts.state.innerHTML = has ? stateInWords(run, focus.mark) : "";
  };

  // Chooses an event. What the filters hide is let through: whoever jumps there wants to see it.
  const choose = (mark, isCentred) => {
    if (mark === null || mark === undefined) return;
    focus.mark = mark;
    if (!isShown(run, filter, mark)) {
      filter.lanes[run.lane[mark]] = true;
      filter.kinds[run.kindNumber[mark]] = true;
      if (filter.stream !== null && run.stream[mark] !== filter.stream) filter.stream = null;
      showMenus();
      arrange();
    }
    const y = heightOf(layout, mark);
    const [top, height] = [parts.scroller.scrollTop, parts.scroller.clientHeight];
    const isOutside = y < top + 70 || y > top + height - 40;
    if (isCentred || isOutside) parts.scroller.scrollTop = y - height / 2;
    showDetails();
    if (isList) showList(listPage(run, layout.marks, mark));
    paint(true);
  };

  // How a company comes to be is the same in every run: what the history does is what one wants to see.
  const scrollToStorm = () => {
    const first = layout.marks.find((mark) => run.kind(mark) === "step");
    if (first !== undefined) parts.scroller.scrollTop = heightOf(layout, first) - 3 * ROW;
    paint(true);
  };

  const showMenus = fillMenus(run, filter, parts, () => arrange());

  const step = (direction, isOfLane) => {
    const from = focus.mark ?? layout.rows[Math.min(rowAtHeight(layout, parts.scroller.scrollTop), layout.rows.length - 1)]?.marks[0];
    if (from === undefined) return;
    const start = firstWhere(layout.marks.length, (number) => layout.marks[number] >= from);
    const isAt = layout.marks[start] === from;
    let number = direction > 0 ? (isAt && focus.mark !== null ? start + 1 : start) : start - 1;
    while (isOfLane && layout.marks[number] !== undefined && run.lane[layout.marks[number]] !== run.lane[from]) number += direction;
    choose(layout.marks[number], false);
  };

  const view = {
    run,
    arrange,
    choose,
    step,
    paint,
    scrolled: () => paint(false),
    toViolation: () => choose(run.breaking, true),
    // The links of the proof one after the other.
    throughProof: (isBackwards) => choose(nextOf(run.proof.map((link) => link.mark), focus.mark, isBackwards), true),
    correlated: (isBackwards) => {
      const correlation = focus.mark === null ? null : run.correlation[focus.mark];
      if (correlation !== null) choose(nextOf(run.withCorrelation.get(correlation), focus.mark, isBackwards), false);
    },
    alongArrow: () => {
      const others = linked(run, focus.mark ?? -1).map(([, mark]) => mark);
      if (others.length > 0) choose(nextOf(others, focus.mark, false), false);
    },
    jump: (typed, isBackwards) => {
      const found = matches(run, typed);
      choose(nextOf(found, focus.mark, isBackwards), true);
      return found.length;
    },
    showsList: (wanted) => {
      isList = wanted;
      parts.scroller.hidden = isList;
      parts.list.hidden = !isList;
      if (isList) showList(listPage(run, layout.marks, focus.mark));
      else arrange();
      return isList;
    },
    isList: () => isList,
    page: (wanted) => showList(wanted),
    tipFor: (element) => {
      const mark = element.closest("[data-mark]")?.dataset.mark;
      if (mark !== undefined) return tip(run, Number(mark));
      const band = element.closest("[data-band]")?.dataset.band;
      return band === undefined ? null : bandTip(run, run.bands[Number(band)]);
    },
  };
  arrange();
  parts.leftOut.textContent = run.leftOut.join(" ");
  parts.leftOut.hidden = run.leftOut.length === 0;
  showDetails();
  if (run.breaking !== null) view.toViolation();
  else scrollToStorm();
  return view;
}
