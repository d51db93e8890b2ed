// The filters: which lanes, which stream, which kinds.

function fillMenus(run, filter, parts, changed) {
  const check = (name, value, label, isOn, only) =>
    `<li><label><input type="checkbox" name="${name}" value="${value}"${isOn ? " checked" : ""}> ${escaped(label)}</label>` +
    (only ? ` <button type="button" data-only="${value}" aria-label="only ${escaped(label)}">only</button>` : "") +
    "</li>";
  const show = () => {
    parts.lanes.innerHTML = run.lanes.map((lane, number) => check("lane", number, lane.name, filter.lanes[number], true)).join("");
    parts.kinds.innerHTML = run.kinds
      .map((kind, number) => (run.kindNumber.includes(number) ? check("kind", number, kind.label, filter.kinds[number], false) : ""))
      .join("");
    parts.stream.innerHTML =
      '<option value="">every stream</option>' +
      run.streams.map((name, number) => `<option value="${number}"${filter.stream === number ? " selected" : ""}>${escaped(name)}</option>`).join("");
    parts.lanesPortion.textContent = portion(filter.lanes);
    const hasProof = run.lanes.some((lane) => lane.in_proof);
    parts.presets.querySelector('[data-lanes="proof"]').hidden = !hasProof;
  };
  const apply = (change) => {
    change();
    show();
    changed();
  };
  parts.lanes.onchange = (event) => apply(() => { filter.lanes[event.target.value] = event.target.checked; });
  parts.lanes.onclick = (event) => {
    const only = event.target.dataset?.only;
    // The server stays, for without it there are no arrows.
    if (only !== undefined) apply(() => { filter.lanes = run.lanes.map((lane, number) => number === Number(only) || lane.kind === "server"); });
  };
  parts.presets.onclick = (event) => {
    const wanted = event.target.dataset?.lanes;
    if (wanted === "all") apply(() => { filter.lanes = run.lanes.map(() => true); });
    if (wanted === "proof") apply(() => { filter.lanes = run.lanes.map((lane) => lane.in_proof || lane.kind !== "device"); });
  };
  parts.kinds.onchange = (event) => apply(() => { filter.kinds[event.target.value] = event.target.checked; });
  parts.stream.onchange = () => apply(() => { filter.stream = parts.stream.value === "" ? null : Number(parts.stream.value); });
  show();
  return show;
}

// A menu closes when something else is done.
function closeMenusOutside(menus) {
  document.addEventListener("pointerdown", (event) => {
    for (const menu of menus) if (menu.open && !menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of menus) {
      if (!menu.open) continue;
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
}
