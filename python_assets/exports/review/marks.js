// What the reader marked: same or different. Kept in the browser by the two texts, so that a page of another eps
// knows it as well; where the browser keeps nothing, it lasts as long as the page.

const MARKS = "posttraining-warehouse/marks";
const CSV_HEADER = ["type", "source_prompt_id", "other_source_prompt_id", "label"];
const unkept = new Map();

function markKey(pair) {
  return [MARKS, ...[pair.one.key, pair.other.key].sort()].join("/");
}

function markOf(pair) {
  const key = markKey(pair);
  try {
    return localStorage.getItem(key) ?? unkept.get(key) ?? null;
  } catch {
    return unkept.get(key) ?? null;
  }
}

/** Mark a pair as "same" or "different"; null takes the mark away. */
function setMark(pair, label) {
  const key = markKey(pair);
  unkept.delete(key);
  try {
    if (label === null) localStorage.removeItem(key);
    else localStorage.setItem(key, label);
  } catch {
    if (label !== null) unkept.set(key, label);
  }
}

/** The marked pairs as CSV, one line each. */
function marksCsv(type, pairs) {
  const rows = pairs
    .map((pair) => [type, pair.one.source, pair.other.source, markOf(pair)])
    .filter((row) => row[3] !== null);
  return [CSV_HEADER, ...rows].map((row) => `${row.map(csvField).join(",")}\r\n`).join("");
}

function csvField(value) {
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

function download(content, fileName) {
  const address = URL.createObjectURL(new Blob([content], { type: "text/csv" }));
  make("a", { href: address, download: fileName }).click();
  URL.revokeObjectURL(address);
}
