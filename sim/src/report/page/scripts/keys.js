// The keyboard: one letter for each thing that can be done, as long as nobody is typing.

function keysOf(view, parts, nextTheme) {
  const doings = {
    ArrowDown: () => view().step(1, false),
    ArrowUp: () => view().step(-1, false),
    j: () => view().step(1, false),
    k: () => view().step(-1, false),
    ArrowRight: () => view().step(1, true),
    ArrowLeft: () => view().step(-1, true),
    c: () => view().correlated(false),
    C: () => view().correlated(true),
    a: () => view().alongArrow(),
    v: () => view().toViolation(),
    p: () => view().throughProof(false),
    P: () => view().throughProof(true),
    l: () => parts.listButton.click(),
    t: nextTheme,
    "/": () => parts.jump.focus(),
    "?": () => parts.help.showModal(),
  };
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.closest("input, select, textarea, dialog, summary") !== null;
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping) return;
    // Arrows scroll whatever else has the focus.
    const isArrow = event.key.startsWith("Arrow");
    if (isArrow && event.target !== parts.scroller && event.target !== document.body) return;
    const doing = doings[event.key];
    if (!doing || !view()) return;
    event.preventDefault();
    doing();
  });
  parts.jump.addEventListener("keydown", (event) => {
    if (event.key === "Escape") parts.scroller.focus();
    if (event.key !== "Enter") return;
    event.preventDefault();
    const found = view().jump(parts.jump.value, event.shiftKey);
    parts.found.textContent = found === 0 ? "nothing found" : `${found} found`;
  });
}
