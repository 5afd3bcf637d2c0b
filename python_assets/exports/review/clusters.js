// The largest clusters: searched, filtered, put in order, opened.

const ORDERS = [
  { field: "rank", title: "Rank", ascending: true },
  { field: "size", title: "Members", ascending: false },
  { field: "widest", title: "Widest distance", ascending: false },
];

class ClustersView {
  constructor(head) {
    this.head = head;
    this.clusters = head.clusters;
    this.index = new SearchIndex(this.clusters);
    this.order = { ...ORDERS[0] };
    this.rows = new Map(this.clusters.map((cluster) => [cluster.rank, this.row(cluster)]));
  }

  start() {
    byId("clusters-explained").textContent =
      "The clusters with the most members. Open one to see its survivor, then the members farthest from it: words that " +
      "a member has more are marked, words that it lacks are struck out. A wide cluster may be a chain of different prompts.";
    byId("columns").append(...this.orderButtons(), make("span", {}, "Survivor"));
    this.fillDatasets();
    byId("search").addEventListener("input", () => this.show());
    byId("dataset").addEventListener("change", () => this.show());
    const isEmpty = this.clusters.length === 0;
    for (const id of ["search", "dataset"]) byId(id).disabled = isEmpty;
    byId("columns").hidden = isEmpty;
    this.show();
  }

  /** Make all texts searchable, once the whole page is there. */
  async prepare() {
    await this.index.build(() => this.show());
    document.body.dataset.searchable = "true";
    performance.mark("searchable");
  }

  orderButtons() {
    return ORDERS.map((order) =>
      make("button", { type: "button", "data-field": order.field, onclick: () => this.sortBy(order) }, order.title));
  }

  sortBy(order) {
    const again = this.order.field === order.field;
    this.order = { ...order, ascending: again ? !this.order.ascending : order.ascending };
    this.show();
  }

  fillDatasets() {
    const counts = new Map();
    for (const { datasets } of this.clusters) for (const dataset of datasets) counts.set(dataset, (counts.get(dataset) ?? 0) + 1);
    const options = [...counts].sort().map(([dataset, n]) => make("option", { value: dataset }, `${dataset} (${count(n)})`));
    byId("dataset").append(make("option", { value: "" }, "All datasets"), ...options);
  }

  visible() {
    const words = byId("search").value.trim();
    const dataset = byId("dataset").value;
    const found = words ? this.index.find(words) : null;
    const sign = this.order.ascending ? 1 : -1;
    return this.clusters
      .filter((cluster) => (!found || found.has(cluster.rank)) && (!dataset || cluster.datasets.includes(dataset)))
      .sort((a, b) => sign * (a[this.order.field] - b[this.order.field]) || a.rank - b.rank);
  }

  show() {
    for (const button of byId("columns").querySelectorAll("button")) {
      const isChosen = button.dataset.field === this.order.field;
      button.dataset.order = isChosen ? (this.order.ascending ? "up" : "down") : "";
      button.setAttribute("aria-pressed", isChosen);
    }
    const visible = this.visible();
    const rows = visible.map((cluster) => this.rows.get(cluster.rank));
    byId("cluster-list").replaceChildren(...(rows.length ? rows : [make("p", { class: "empty" }, this.emptyNote())]));
    byId("found").textContent = this.foundNote(visible.length);
  }

  emptyNote() {
    if (this.clusters.length === 0) return "No two texts are within eps: there is no cluster to show, and nothing was merged by distance.";
    return this.index.isComplete ? "No cluster holds these words." : "Still reading the texts …";
  }

  foundNote(n) {
    if (this.clusters.length === 0) return "";
    const read = this.index.isComplete ? "" : ` · reading texts, ${count(this.index.texts.size)} of ${count(this.clusters.length)}`;
    return (n === this.clusters.length ? counted(n, "cluster") : `${count(n)} of ${counted(this.clusters.length, "cluster")}`) + read;
  }

  row(cluster) {
    const others = cluster.datasets.length - 1;
    const panel = make("div", { class: "panel", hidden: true });
    const button = make("button", { type: "button", class: "summary", "aria-expanded": "false", "data-item": true,
      onclick: () => this.toggle(cluster, button, panel) },
      make("span", { class: "number" }, count(cluster.rank)),
      make("span", { class: "number" }, count(cluster.size)),
      make("span", { class: "number" }, cluster.widest.toFixed(4)),
      make("span", { class: "lead", dir: "auto" }, ...shown(cluster.lead.replace(/\s+/g, " "))),
      make("span", { class: "dataset" }, isolated(cluster.datasets[0]), others ? ` + ${count(others)}` : ""));
    return make("article", { class: "cluster" }, button, panel);
  }

  async toggle(cluster, button, panel) {
    const opens = panel.hidden;
    button.setAttribute("aria-expanded", opens);
    panel.hidden = !opens;
    if (opens) await showMembers(panel, cluster, byId("search").value.trim());
    else panel.replaceChildren();
  }
}
