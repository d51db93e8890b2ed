// Begins: takes the first run, and lets a reader choose another.

performance.mark("begins");
const byId = (id) => document.getElementById(id);
const nextTheme = beginTheme(byId("theme"));
const runs = [...document.querySelectorAll("script.trace")];

if (runs.length > 0) {
  const parts = {
    scroller: byId("scroller"),
    sheet: byId("sheet"),
    heads: byId("heads"),
    svg: byId("picture"),
    times: byId("times"),
    list: byId("list"),
    listButton: byId("as-list"),
    lanes: byId("lanes"),
    lanesPortion: byId("lanes-portion"),
    kinds: byId("kinds"),
    stream: byId("stream"),
    presets: byId("presets"),
    count: byId("count"),
    jump: byId("jump"),
    found: byId("found"),
    empty: byId("empty"),
    details: byId("details"),
    moment: document.querySelector(".moment"),
    state: byId("state"),
    stateTitle: byId("state-title"),
    leftOut: byId("left-out"),
    help: byId("help"),
    tip: byId("tip"),
  };
  let view = null;
  const open = (number) => {
    document.querySelectorAll("[data-verdict]").forEach((verdict) => { verdict.hidden = verdict.dataset.verdict !== String(number); });
    view = viewOf(readRun(runs[number]), parts);
    document.querySelectorAll(".of-violation").forEach((element) => { element.hidden = view.run.breaking === null; });
  };

  let isWaiting = false;
  parts.scroller.addEventListener("scroll", () => {
    if (isWaiting) return;
    isWaiting = true;
    requestAnimationFrame(() => {
      isWaiting = false;
      view.scrolled();
    });
  }, { passive: true });
  let width = parts.scroller.clientWidth;
  new ResizeObserver(() => {
    // Its height changes when a phone hides its bars: nothing moves for that.
    if (parts.scroller.hidden || parts.scroller.clientWidth === width) return view?.paint(true);
    width = parts.scroller.clientWidth;
    view?.arrange();
  }).observe(parts.scroller);

  const chosen = (event) => {
    const mark = event.target.closest("[data-mark]")?.dataset.mark;
    if (mark !== undefined) view.choose(Number(mark), event.currentTarget !== parts.svg);
    if (event.target.closest("[data-do='next-correlated']")) view.correlated(false);
    const page = event.target.closest("[data-page]")?.dataset.page;
    if (page !== undefined) view.page(Number(page));
  };
  for (const element of [parts.svg, parts.list, parts.details]) element.addEventListener("click", chosen);
  document.querySelectorAll("[data-link]").forEach((link) => {
    link.addEventListener("click", () => view.choose(view.run.proof.find((one) => one.link === Number(link.dataset.link))?.mark, true));
  });
  parts.svg.addEventListener("pointermove", (event) => {
    const told = event.pointerType === "touch" ? null : view.tipFor(event.target);
    parts.tip.hidden = told === null;
    if (told === null) return;
    parts.tip.innerHTML = told;
    const { innerWidth, innerHeight } = window;
    parts.tip.style.left = `${Math.min(event.clientX + 14, innerWidth - parts.tip.offsetWidth - 8)}px`;
    parts.tip.style.top = `${Math.min(event.clientY + 16, innerHeight - parts.tip.offsetHeight - 8)}px`;
  });
  parts.svg.addEventListener("pointerleave", () => { parts.tip.hidden = true; });
  parts.listButton.addEventListener("click", () => {
    const isList = view.showsList(!view.isList());
    parts.listButton.setAttribute("aria-pressed", String(isList));
    if (!isList) parts.scroller.focus();
  });
  byId("to-violation").addEventListener("click", () => view.toViolation());
  byId("keys").addEventListener("click", () => parts.help.showModal());
  byId("which-run")?.addEventListener("change", (event) => open(Number(event.target.value)));
  document.querySelectorAll("[data-copy]").forEach((button) => {
    button.addEventListener("click", async () => {
      await navigator.clipboard?.writeText(button.dataset.copy);
      button.textContent = "copied";
      setTimeout(() => { button.textContent = "copy"; }, 1500);
    });
  });
  closeMenusOutside([...document.querySelectorAll("details.menu")]);
  keysOf(() => view, parts, nextTheme);
  open(0);
}
performance.mark("interactive");
