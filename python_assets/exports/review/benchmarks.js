// The benchmark items that were found in prompts.

const BENCHMARK_PAIRS_AT_ONCE = 20;
const SCORE_ORDERS = { highest: -1, lowest: 1 };

class BenchmarksView {
  constructor(head) {
    this.counts = head.benchmarks;
    this.pairs = null;
    this.order = "highest";
  }

  get isEmpty() {
    return this.counts.length === 0;
  }

  start() {
    byId("tab-benchmarks").hidden = this.isEmpty;
    if (this.isEmpty) return;
    byId("benchmarks-explained").textContent =
      "Benchmark items found in prompts. Words that stand on one side only are marked. The score is the share of the " +
      "item's words that the prompt holds, and for embedding the cosine similarity. The lowest scores are the borderline. " +
      "Of each benchmark and method with more than 100 pairs, the 50 with the highest and the 50 with the lowest are here.";
    for (const [field, all] of [["benchmark", "All benchmarks"], ["method", "All methods"]]) {
      byId(field).append(...this.options(field, all));
      byId(field).addEventListener("change", () => this.show());
    }
    for (const order of Object.keys(SCORE_ORDERS)) byId(`score-${order}`).addEventListener("click", () => this.orderBy(order));
    byId("found-pairs").textContent = "Still reading the pairs …";
  }

  /** Read the pairs, once the whole page is there. */
  async prepare() {
    if (this.isEmpty) return;
    this.pairs = await readBlock("benchmarks");
    this.show();
  }

  options(field, all) {
    const names = [...new Set(this.counts.map((counts) => counts[field]))].filter((name) => name !== null);
    return [make("option", { value: "" }, all), ...names.map((name) => make("option", { value: name }, ...shown(name)))];
  }

  orderBy(order) {
    this.order = order;
    this.show();
  }

  show() {
    if (this.pairs === null) return;
    const [benchmark, method] = [byId("benchmark").value, byId("method").value];
    for (const order of Object.keys(SCORE_ORDERS)) byId(`score-${order}`).setAttribute("aria-pressed", order === this.order);
    const visible = this.visible(benchmark, method);
    const list = byId("benchmark-list");
    list.replaceChildren();
    if (visible.length) appendInPortions(list, visible, BENCHMARK_PAIRS_AT_ONCE, "pair", (pair) => benchmarkCard(pair));
    else list.append(make("p", { class: "empty" }, "This method found no item of this benchmark."));
    byId("found-pairs").textContent = this.foundNote(benchmark, method, visible.length);
  }

  /** The pairs of a benchmark and a method in their order, pairs of one score as they came. */
  visible(benchmark, method) {
    const sign = SCORE_ORDERS[this.order];
    const scored = this.pairs
      .filter((pair) => !benchmark || pair.benchmark === benchmark)
      .map((pair) => ({ pair, score: scoreBy(pair, method) }))
      .filter(({ score }) => score !== null);
    return scored.sort((a, b) => sign * (a.score - b.score)).map(({ pair }) => pair);
  }

  foundNote(benchmark, method, nVisible) {
    const found = this.counts.find((counts) =>
      (counts.benchmark ?? "") === benchmark && (counts.method ?? "") === method);
    if (found === undefined) return "";
    const all = counted(found.pairs, "pair");
    return `${nVisible < found.pairs ? `${count(nVisible)} of ${all}` : all}, ${count(found.removed)} of them removed`;
  }
}

/** The score of a pair by a method, the highest for no method; null where the method does not list the pair. */
function scoreBy(pair, method) {
  const scores = pair.methods.filter((found) => !method || (found.method === method && found.is_listed)).map((found) => found.score);
  return scores.length ? Math.max(...scores) : null;
}

function benchmarkCard(pair) {
  const found = compareCut(pair.item_text, pair.prompt);
  const state = pair.is_kept ? "kept" : "removed";
  const card = pairCard(
    [...pair.methods.map(methodFact), make("span", { class: `state ${state}` }, state), rowsFact(pair)],
    sideOfPair(
      [isolated(pair.benchmark, "source"), make("span", { class: "number" }, `item ${pair.item}`)],
      pair.item_text, found, "one"),
    sideOfPair(rowNames(pair.prompt), pair.prompt, found, "other"));
  if (pair.matching_text !== null) {
    card.querySelector(".side:last-child").append(make("p", { class: "cut" }, "Matching text: ", isolated(pair.matching_text)));
  }
  return card;
}

function methodFact({ method, score, distance }) {
  const told = distance === null ? score.toFixed(2) : `cosine ${score.toFixed(4)}, distance ${decimal(distance)}`;
  return make("span", { class: "number" }, make("strong", {}, ...shown(method)), ` ${told}`);
}

function rowsFact({ n_rows: n }) {
  return n === 1 ? null : make("span", { class: "faint" }, `and ${counted(n - 1, "more row")} with this prompt`);
}
