// The pairs nearest to eps, on both sides of it.

const PAIRS_AT_ONCE = 20;
const SIDES = {
  inside: { title: "Just inside eps", outcome: "in one cluster" },
  outside: { title: "Just outside eps", outcome: "apart" },
};

class PairsView {
  constructor(head) {
    this.head = head;
    this.nearest = { inside: head.pairs.inside.nearest, outside: head.pairs.outside.nearest };
    this.all = Object.values(this.nearest).flat();
    this.side = head.pairs.inside.n || !head.pairs.outside.n ? "inside" : "outside";
  }

  start() {
    byId("pairs-explained").append(...this.explanation());
    for (const side of Object.keys(SIDES)) {
      const button = byId(`side-${side}`);
      button.append(`${SIDES[side].title}: ${SIDES[side].outcome} (${this.extent(side)})`);
      button.addEventListener("click", () => this.show(side));
    }
    byId("download").addEventListener("click", () => this.download());
    this.show(this.side);
  }

  extent(side) {
    const [shownPairs, all] = [this.nearest[side].length, this.head.pairs[side].n];
    return shownPairs < all ? `nearest ${count(shownPairs)} of ${count(all)}` : count(all);
  }

  explanation() {
    const { radius, eps_max: widest, min_samples: samples } = this.head;
    if (radius === null) return [];
    const text =
      `The pairs whose distances are nearest to eps, nearest first. If those inside are the same prompt and those ` +
      `outside are not, eps is right. Each pair is an edge of the spanning forest: the shortest link between the ` +
      `groups of near-duplicates that it joins. Beyond ${decimal(widest)} nothing was compared.`;
    if (samples === 1) return [text];
    return [`${text} With min_samples ${samples}, mutual reachability decides instead of the pair's own distance: ` +
      `the larger of that distance and of those at which each of the two has ${samples} texts near it, itself counted.`];
  }

  show(side) {
    this.side = side;
    for (const other of Object.keys(SIDES)) byId(`side-${other}`).setAttribute("aria-pressed", other === side);
    const pairs = this.nearest[side];
    const list = byId("pair-list");
    list.replaceChildren();
    if (pairs.length) appendInPortions(list, pairs, PAIRS_AT_ONCE, "pair", (pair) => this.card(pair));
    else list.append(make("p", { class: "empty" }, this.emptyNote()));
    this.tell();
  }

  emptyNote() {
    if (this.head.radius === null) return "No text was compared in this run, so there is no pair to judge.";
    if (this.side === "inside") return "No pair is within eps: nothing was merged by its distance.";
    return `No pair lies between eps and ${decimal(this.head.eps_max)}, the farthest that was compared.`;
  }

  card(pair) {
    const found = compareCut(pair.one, pair.other);
    const buttons = ["same", "different"].map((label) =>
      make("button", { type: "button", class: `label ${label}`, onclick: () => this.mark(card, pair, label) }, label));
    const card = pairCard([...this.facts(pair), make("div", { class: "labels" }, ...buttons)],
      sideOfPair(rowNames(pair.one), pair.one, found, "one"), sideOfPair(rowNames(pair.other), pair.other, found, "other"));
    card.mark = (label) => this.mark(card, pair, label);
    showMark(card, markOf(pair));
    return card;
  }

  facts(pair) {
    const { radius } = this.head;
    const decides = pair.reachability ?? pair.distance;
    const gap = `${Math.abs(decides - radius).toFixed(4)} ${decides <= radius ? "inside" : "outside"} eps`;
    return [
      make("strong", { class: "number", title: "Euclidean distance" }, `distance ${decimal(pair.distance, radius)}`),
      make("span", { class: "number" }, `cosine ${cosine(pair.distance).toFixed(4)}`),
      pair.reachability === null ? null
        : make("span", { class: "number" }, `mutual reachability ${decimal(pair.reachability, radius)}`),
      make("span", { class: "faint" }, gap),
      pair.is_one_cluster === decides <= radius ? null
        : make("span", { class: "faint", title: "A text that is no core joins a cluster by its own distance" },
          pair.is_one_cluster ? "yet in one cluster" : "yet apart"),
    ].filter((fact) => fact !== null);
  }

  mark(card, pair, label) {
    setMark(pair, markOf(pair) === label ? null : label);
    showMark(card, markOf(pair));
    this.tell();
  }

  tell() {
    const marks = { inside: { same: 0, different: 0 }, outside: { same: 0, different: 0 } };
    for (const side of Object.keys(SIDES)) {
      for (const pair of this.nearest[side]) {
        const label = markOf(pair);
        if (label !== null) marks[side][label] += 1;
      }
    }
    const told = Object.entries(marks)
      .filter(([, labels]) => labels.same + labels.different)
      .map(([side, labels]) => `${side}: ${labels.same} same, ${labels.different} different`);
    byId("tally").textContent = told.length ? `Marked ${told.join(" · ")}` : this.all.length ? "Nothing marked yet" : "";
    byId("download").disabled = told.length === 0;
  }

  download() {
    const { type, eps } = this.head;
    download(marksCsv(type, this.all), `marked_pairs_${type}_eps${eps}.csv`);
  }
}

function showMark(card, label) {
  card.dataset.mark = label ?? "";
  for (const button of card.querySelectorAll(".label")) {
    button.setAttribute("aria-pressed", button.classList.contains(label ?? "none"));
  }
}
