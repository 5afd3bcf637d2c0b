// What every eps would remove, drawn.

const CHART = { width: 1000, left: 64, right: 24, top: 26, height: 170, gap: 46 };
const CURVES = [
  { values: "removed", title: "Texts removed", className: "removed" },
  { values: "largest_cluster", title: "Texts in the largest cluster", className: "largest" },
];

class SweepView {
  constructor(head) {
    this.sweep = head.sweep;
    this.radius = head.radius;
    this.hasNoise = head.min_samples > 1;
  }

  start() {
    const { eps } = this.sweep;
    if (!eps.length || this.radius === null) {
      byId("chart").append(make("p", { class: "empty" }, "No text was compared in this run, so there is no curve to draw."));
      return;
    }
    this.widest = Math.max(eps.at(-1), this.radius);
    this.readout = make("p", { class: "readout", role: "status" });
    this.picture = this.draw();
    byId("chart").append(this.readout, this.picture, this.table());
    this.picture.addEventListener("pointermove", (event) => this.pointAt(this.epsAt(event)));
    this.picture.addEventListener("pointerleave", () => this.pointAt(this.radius));
    this.picture.addEventListener("keydown", (event) => this.step(event));
    this.pointAt(this.radius);
  }

  draw() {
    const bottom = CHART.top + 14 + CURVES.length * (CHART.height + CHART.gap);
    const svg = drawn("svg", { viewBox: `0 0 ${CHART.width} ${bottom}`, tabindex: "0", role: "img",
      "aria-label": "Texts removed and largest cluster over eps" });
    CURVES.forEach((curve, place) => svg.append(...this.panel(curve, this.panelTop(place))));
    const last = this.panelTop(CURVES.length - 1) + CHART.height;
    const x = this.x(this.radius);
    const onLeft = this.radius > 0.8 * this.widest;
    svg.append(
      drawn("text", { class: "chosen", x: x + (onLeft ? -6 : 6), y: CHART.top, "text-anchor": onLeft ? "end" : "start" },
        `eps ${decimal(this.radius)}`),
      drawn("text", { class: "axis", x: CHART.width - CHART.right, y: last + 38, "text-anchor": "end" }, "eps (Euclidean)"),
    );
    this.cross = drawn("line", { class: "cross", y1: CHART.top - 2, y2: last });
    this.dots = CURVES.map((curve) => drawn("circle", { class: `dot ${curve.className}`, r: 4 }));
    svg.append(this.cross, ...this.dots);
    return svg;
  }

  panel(curve, top) {
    const values = this.sweep[curve.values];
    const most = Math.max(1, ...values);
    const bottom = top + CHART.height;
    const right = CHART.width - CHART.right;
    const lines = niceTicks(most, 5, true).flatMap((value) => {
      const y = bottom - (value / most) * CHART.height;
      return [drawn("line", { class: "grid", x1: CHART.left, x2: right, y1: y, y2: y }),
        drawn("text", { class: "tick", x: CHART.left - 8, y: y + 4, "text-anchor": "end" }, count(value))];
    });
    const marks = niceTicks(this.widest, 8).map((eps) =>
      drawn("text", { class: "tick", x: this.x(eps), y: bottom + 18, "text-anchor": "middle" }, String(eps)));
    const title = drawn("text", { class: `panel-title ${curve.className}`, x: CHART.left, y: top - 10 }, curve.title);
    const x = this.x(this.radius);
    const chosen = drawn("line", { class: "chosen", x1: x, x2: x, y1: top - 16, y2: bottom });
    return [...lines, ...marks, title, chosen, drawn("path", { class: `curve ${curve.className}`, d: this.path(values, most, bottom) })];
  }

  path(values, most, bottom) {
    const y = (value) => (bottom - (value / most) * CHART.height).toFixed(1);
    const steps = values.map((value, place) => `H${this.x(this.sweep.eps[place]).toFixed(1)}V${y(value)}`);
    return `M${CHART.left},${bottom}${steps.join("")}`;
  }

  panelTop(place) {
    return CHART.top + 14 + place * (CHART.height + CHART.gap);
  }

  x(eps) {
    return CHART.left + (eps / this.widest) * (CHART.width - CHART.left - CHART.right);
  }

  epsAt(event) {
    const box = this.picture.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * CHART.width;
    return ((x - CHART.left) / (CHART.width - CHART.left - CHART.right)) * this.widest;
  }

  step(event) {
    const move = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!move) return;
    event.preventDefault();
    this.showPlace(Math.min(Math.max(this.place + move, 0), this.sweep.eps.length - 1));
  }

  pointAt(eps) {
    const distances = this.sweep.eps.map((value) => Math.abs(value - eps));
    this.showPlace(distances.indexOf(Math.min(...distances)));
  }

  showPlace(place) {
    this.place = place;
    const { eps } = this.sweep;
    const x = this.x(eps[place]);
    this.cross.setAttribute("x1", x);
    this.cross.setAttribute("x2", x);
    this.dots.forEach((dot, number) => {
      const values = this.sweep[CURVES[number].values];
      dot.setAttribute("cx", x);
      dot.setAttribute("cy", this.panelTop(number) + CHART.height * (1 - values[place] / Math.max(1, ...values)));
    });
    const [removed, all] = [this.sweep.removed[place], this.texts(place)];
    this.readout.replaceChildren(
      make("strong", { class: "number" }, `eps ${decimal(eps[place])}`),
      ` (cosine ${cosine(eps[place]).toFixed(4)}): ${count(removed)} of ${counted(all, "text")} removed ` +
      `(${percent(removed, all)}), largest cluster ${count(this.sweep.largest_cluster[place])}` +
      (this.hasNoise ? `, ${count(this.sweep.noise[place])} in none` : ""));
  }

  /** How many texts were compared: one stays of each cluster, and noise stays. */
  texts(place) {
    const { removed, clusters, noise } = this.sweep;
    return removed[place] + clusters[place] + noise[place];
  }

  table() {
    const columns = ["eps", "cosine", "removed", "percent", "largest cluster", ...(this.hasNoise ? ["in no cluster"] : [])];
    const rows = this.sweep.eps.map((eps, place) => {
      const { removed, largest_cluster: largest, noise } = this.sweep;
      const cells = [decimal(eps), cosine(eps).toFixed(4), count(removed[place]),
        percent(removed[place], this.texts(place)), count(largest[place]), ...(this.hasNoise ? [count(noise[place])] : [])];
      return make("tr", {}, ...cells.map((cell) => make("td", {}, cell)));
    });
    return make("details", {}, make("summary", {}, "The same as a table"),
      make("table", {}, make("thead", {}, make("tr", {}, ...columns.map((title) => make("th", {}, title)))),
        make("tbody", {}, ...rows)));
  }
}

function percent(part, whole) {
  return `${((100 * part) / Math.max(whole, 1)).toFixed(1)}%`;
}

function drawn(tag, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/** Round numbers from 0 to at most `most`, about `n` of them. */
function niceTicks(most, n, wholeOnly = false) {
  const power = 10 ** Math.floor(Math.log10(most / n));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((width) => most / width <= n);
  const width = wholeOnly ? Math.max(1, Math.round(step)) : step;
  return Array.from({ length: Math.floor(most / width + 1e-9) + 1 }, (_, place) => Number((place * width).toPrecision(6)));
}
