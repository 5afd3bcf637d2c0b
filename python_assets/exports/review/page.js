// The page: its head, its views, its keys.

const VIEWS = ["pairs", "sweep", "clusters", "benchmarks"];

function viewsShown() {
  return VIEWS.filter((view) => !byId(`tab-${view}`).hidden);
}

function showHead(head) {
  document.title = `${head.type} at eps ${head.eps}: cluster review`;
  byId("title").replaceChildren(isolated(head.type), " at eps ", String(head.eps));
  const facts = head.radius === null ? [["Compared", "nothing"]] : settingsOf(head);
  byId("settings").append(...facts.map(([term, value]) =>
    make("div", {}, make("dt", {}, term), make("dd", {}, isolated(String(value))))));
  byId("totals").append(...totalsOf(head));
}

function settingsOf(head) {
  return [
    ["eps, Euclidean", Number(head.radius.toPrecision(6))],
    ["cosine similarity", `≥ ${Number(cosine(head.radius).toPrecision(6))}`],
    ["model", head.model],
    ["metric", head.metric],
    ["min_samples", head.min_samples],
    ["survivor policy", head.survivor_policy],
  ].filter(([, value]) => value !== null);
}

function totalsOf(head) {
  const parts = [
    [head.raw_rows, "raw rows"], [head.quarantined, "quarantined"], [head.exact_duplicates, "exact duplicates"],
    [head.semantic_duplicates, "semantic duplicates"], ...(head.filtered ? [[head.filtered, "filtered"]] : []),
    [head.kept, "kept"],
  ];
  const shownParts = parts.flatMap(([number, label], place) =>
    [place === 0 ? "" : place === parts.length - 1 ? " = " : " − ", make("strong", { class: "number" }, count(number)), ` ${label}`]);
  const alone = head.not_comparable ? `, ${count(head.not_comparable)} of them not comparable` : "";
  return [...shownParts, alone];
}

function selectView(wanted) {
  const view = viewsShown().includes(wanted) ? wanted : VIEWS[0];
  for (const other of VIEWS) {
    byId(`view-${other}`).hidden = other !== view;
    byId(`tab-${other}`).setAttribute("aria-selected", other === view);
    byId(`tab-${other}`).tabIndex = other === view ? 0 : -1;
  }
}

function listenToTabs() {
  for (const view of VIEWS) {
    byId(`tab-${view}`).addEventListener("click", () => {
      selectView(view);
      history.replaceState(null, "", `#${view}`);
      scrollTo(0, Math.min(scrollY, document.querySelector("nav").offsetTop));
    });
  }
  addEventListener("hashchange", () => selectView(location.hash.slice(1)));
  document.querySelector("[role=tablist]").addEventListener("keydown", (event) => {
    const move = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const views = viewsShown();
    const place = views.findIndex((view) => event.target.id === `tab-${view}`);
    if (!move || place < 0) return;
    const next = byId(`tab-${views[(place + move + views.length) % views.length]}`);
    next.click();
    next.focus();
  });
}

/** Move the focus to the next pair or cluster of the view. */
function moveBy(step) {
  const items = [...document.querySelectorAll("section:not([hidden]) [data-item]")];
  if (!items.length) return;
  const here = items.indexOf(document.activeElement.closest?.("[data-item]"));
  const within = here < 0 ? items.findIndex((item) => item.parentElement.contains(document.activeElement)) : here;
  const next = within < 0 ? 0 : Math.min(Math.max(within + step, 0), items.length - 1);
  items[next].focus({ preventScroll: true });
  items[next].scrollIntoView({ block: "nearest" });
}

function markFocused(label) {
  document.activeElement.closest?.("[data-mark]")?.mark(label);
}

const KEYS = {
  "/": () => {
    byId("tab-clusters").click();
    byId("search").focus();
  },
  j: () => moveBy(1),
  k: () => moveBy(-1),
  s: () => markFocused("same"),
  d: () => markFocused("different"),
};

function listenToKeys() {
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.matches("input, select")) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    const action = KEYS[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
}

async function start() {
  const whole = new Promise((resolve) => addEventListener("DOMContentLoaded", resolve));
  if (typeof DecompressionStream === "undefined") {
    byId("totals").textContent = "This browser is too old for this page: it lacks DecompressionStream.";
    return;
  }
  const head = await readBlock("head");
  const clusters = new ClustersView(head);
  showHead(head);
  const benchmarks = new BenchmarksView(head);
  for (const view of [new PairsView(head), new SweepView(head), clusters, benchmarks]) view.start();
  listenToTabs();
  listenToKeys();
  selectView(location.hash.slice(1));
  document.body.dataset.ready = "true";
  performance.mark("ready");
  await whole;
  await benchmarks.prepare();
  await clusters.prepare();
}

start();
