// The members of a cluster that was opened.

const MEMBERS_AT_ONCE = 50;
const SURVIVOR_SHOWN = 800;

/** Show the survivor, then the others, farthest first; those that hold the searched words come before the others. */
async function showMembers(panel, cluster, words) {
  const members = await clusterBlock(cluster.rank);
  const places = members.ids.map((_, place) => place).slice(1);
  const hits = words ? hitPlaces(members, words) : new Set();
  const ordered = [...places.filter((place) => hits.has(place)), ...places.filter((place) => !hits.has(place))];
  const list = make("div", { class: "members" });
  panel.replaceChildren(...panelNotes(cluster, members, hits), memberRow(members, 0, hits), list);
  appendInPortions(list, ordered, MEMBERS_AT_ONCE, "member", (place) => memberRow(members, place, hits));
}

function hitPlaces(members, words) {
  const wanted = searchedFor(words);
  const texts = searchedTexts(members);
  return new Set(members.ids.map((_, place) => place).filter((place) => texts[place].includes(wanted)));
}

function panelNotes(cluster, members, hits) {
  const notes = [];
  const leftOut = cluster.size - members.ids.length;
  if (leftOut) {
    notes.push(`The survivor and the ${count(members.ids.length - 1)} members farthest from it; ` +
      `${counted(leftOut, "member")} nearer to it ${leftOut === 1 ? "is" : "are"} left out.`);
  }
  if (hits.size) notes.push(`${counted(hits.size, "member")} with the searched words ${hits.size === 1 ? "comes" : "come"} first.`);
  return notes.map((note) => make("p", { class: "note" }, note));
}

function memberRow(members, place, hits) {
  const row = textOf(members, place);
  const isSurvivor = place === 0;
  const found = isSurvivor ? [] : compareCut(textOf(members, 0), row);
  const nodes = isSurvivor ? folded(row.text, SURVIVOR_SHOWN, (part) => shown(part)) : changeNodes(found);
  const differs = isSurvivor || found.some((segment) => !segment.same);
  return make("article", { class: `member${isSurvivor ? " survivor" : ""}${hits.has(place) ? " hit" : ""}` },
    make("p", { class: "ids" },
      make("span", { class: `state ${stateOf(members, place)}` }, stateOf(members, place)),
      make("span", { class: "number distance", title: "Euclidean distance to the survivor" },
        isSurvivor ? "" : decimal(members.distances[place])),
      rowId(members.ids[place]), isolated(members.sources[place], "source"), isolated(members.datasets[place], "dataset")),
    make("div", { class: "text", dir: "auto" }, ...nodes),
    differs ? null : make("p", { class: "cut" }, "The part shown does not differ from the survivor's."),
    cutNote(row));
}

function textOf(members, place) {
  return { text: members.texts[place], chars: members.chars[place] };
}

function stateOf(members, place) {
  if (place === 0) return "survivor";
  return members.kept[place] ? "kept" : "merged";
}
