// Which words differ between two texts.

const MOST_EDITS = 1000;
const SHORTEST_RUN = 8;
const EQUAL_SHOWN = 280;
const CHANGED_SHOWN = 1600;

// Scripts that put no blank between words are compared by character.
const UNSPACED =
  "[\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}]";
const TOKEN = new RegExp(`${UNSPACED}\\p{M}*|(?:(?!${UNSPACED})[\\p{L}\\p{N}\\p{M}_])+|\\r\\n|[^\\S\\r\\n]+|[^]`, "gu");

const PART_OF_WORD = new RegExp(`(?<![\\p{L}\\p{N}\\p{M}_])(?:(?!${UNSPACED})[\\p{L}\\p{N}\\p{M}_]){1,40}$`, "u");

function tokens(text) {
  return text.match(TOKEN) ?? [];
}

/** Compare two texts: a list of {same, one, other}, in which `one` and `other` are what stands there in each. */
function compare(one, other, oneCut = false, otherCut = false) {
  const a = tokens(one);
  const b = tokens(other);
  const numbers = new Map();
  const number = (token) => numbers.get(token) ?? (numbers.set(token, numbers.size), numbers.size - 1);
  return joinAcrossBlanks(segments(a, b, matches(a.map(number), b.map(number), oneCut, otherCut)));
}

/** Compare two rows' texts, {text, chars}; where a text was cut, the other one's surplus at the end is no difference. */
function compareCut(one, other) {
  const [oneCut, otherCut] = [isCut(one), isCut(other)];
  const whole = (row, cut) => (cut ? withoutPartOfWord(row.text) : row.text);
  const found = compare(whole(one, oneCut), whole(other, otherCut), oneCut, otherCut);
  const last = found.at(-1);
  if (last && ((last.one === "" && oneCut) || (last.other === "" && otherCut))) last.same = true;
  return found;
}

/** A text that was cut, without the word in which it was cut. */
function withoutPartOfWord(text) {
  return text.replace(PART_OF_WORD, "");
}

/** Pairs of places that a longest common subsequence matches; ends in common are matched first. */
function matches(a, b, oneCut, otherCut) {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let endA = a.length;
  let endB = b.length;
  while (!oneCut && !otherCut && endA > start && endB > start && a[endA - 1] === b[endB - 1]) {
    endA -= 1;
    endB -= 1;
  }
  const found = [];
  for (let place = 0; place < start; place += 1) found.push([place, place]);
  const middle = middleMatches(a.slice(start, endA), b.slice(start, endB), oneCut, otherCut);
  for (const [x, y] of middle) found.push([x + start, y + start]);
  for (let place = 0; endA + place < a.length && endB + place < b.length; place += 1) found.push([endA + place, endB + place]);
  return found;
}

/** The least edits; of texts with more than MOST_EDITS what matches around their longest run in common. */
function middleMatches(a, b, oneCut, otherCut) {
  return fewestEdits(a, b, oneCut, otherCut) ?? aroundLongestRun(a, b);
}

/** Before and behind the run, what the longer text has beyond the end of the shorter one is not compared. */
function aroundLongestRun(a, b) {
  const { x, y, length } = longestRun(a, b);
  if (length < SHORTEST_RUN) return [];
  const cuts = a.length < b.length ? [true, false] : [false, true];
  const before = fewestEdits(a.slice(0, x).reverse(), b.slice(0, y).reverse(), ...cuts) ?? [];
  const behind = fewestEdits(a.slice(x + length), b.slice(y + length), ...cuts) ?? [];
  return [
    ...before.map(([left, right]) => [x - 1 - left, y - 1 - right]).reverse(),
    ...Array.from({ length }, (_, place) => [x + place, y + place]),
    ...behind.map(([left, right]) => [x + length + left, y + length + right]),
  ];
}

/** The longest run of tokens that both texts hold, and where it stands in each. */
function longestRun(a, b) {
  const places = new Map();
  b.forEach((token, y) => places.has(token) ? places.get(token).push(y) : places.set(token, [y]));
  let best = { x: 0, y: 0, length: 0 };
  let [before, here] = [new Int32Array(b.length + 1), new Int32Array(b.length + 1)];
  a.forEach((token, x) => {
    for (const y of places.get(token) ?? []) {
      const length = here[y + 1] = before[y] + 1;
      if (length > best.length) best = { x: x + 1 - length, y: y + 1 - length, length };
    }
    [before, here] = [here, before.fill(0)];
  });
  return best;
}

/** Myers' algorithm; null for texts with more than MOST_EDITS edits. */
function fewestEdits(a, b, oneCut, otherCut) {
  const isEnd = (x, y) => {
    const [aDone, bDone] = [x >= a.length, y >= b.length];
    return (aDone && bDone) || (aDone && oneCut) || (bDone && otherCut);
  };
  const { frontiers, end } = editFrontiers(a, b, isEnd);
  if (end === null) return null;
  const found = [];
  let [x, y] = end;
  for (let edits = frontiers.length - 1; edits >= 0; edits -= 1) {
    const before = frontiers[edits];
    const at = (diagonal) => before[diagonal + edits + 1];
    const diagonal = x - y;
    const isInsertion = diagonal === -edits || (diagonal !== edits && at(diagonal - 1) < at(diagonal + 1));
    const from = edits === 0 ? 0 : isInsertion ? at(diagonal + 1) : at(diagonal - 1) + 1;
    while (x > from) found.push([--x, --y]);
    if (isInsertion) y -= 1;
    else x -= 1;
  }
  return found.reverse();
}

/** For each number of edits, how far each diagonal had come before it; and where the two texts end. */
function editFrontiers(a, b, isEnd) {
  const most = Math.min(a.length + b.length, MOST_EDITS);
  const reach = new Int32Array(2 * most + 3);
  const middle = most + 1;
  const frontiers = [];
  for (let edits = 0; edits <= most; edits += 1) {
    frontiers.push(reach.slice(middle - edits - 1, middle + edits + 2));
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      const [left, right] = [reach[middle + diagonal - 1], reach[middle + diagonal + 1]];
      let x = diagonal === -edits || (diagonal !== edits && left < right) ? right : left + 1;
      if (edits === 0) x = 0;
      while (x < a.length && x - diagonal < b.length && a[x] === b[x - diagonal]) x += 1;
      reach[middle + diagonal] = x;
      const isInside = x <= a.length && x - diagonal <= b.length;
      if (isInside && isEnd(x, x - diagonal)) return { frontiers, end: [x, x - diagonal] };
    }
  }
  return { frontiers, end: null };
}

function segments(a, b, matched) {
  const found = [];
  let [x, y] = [0, 0];
  for (const [nextX, nextY] of [...matched, [a.length, b.length]]) {
    if (x < nextX || y < nextY) {
      found.push({ same: false, one: a.slice(x, nextX).join(""), other: b.slice(y, nextY).join("") });
    }
    if (nextX < a.length) {
      const last = found.at(-1);
      if (last?.same) last.one = last.other += a[nextX];
      else found.push({ same: true, one: a[nextX], other: a[nextX] });
    }
    [x, y] = [nextX + 1, nextY + 1];
  }
  return found;
}

/** Changes with only blanks between them read better as one. */
function joinAcrossBlanks(found) {
  const joined = [];
  found.forEach((segment, place) => {
    const last = joined.at(-1);
    const isBlank = segment.same && /^\s+$/.test(segment.one) && place < found.length - 1;
    if (last && !last.same && (!segment.same || isBlank)) {
      last.one += segment.one;
      last.other += segment.other;
    } else joined.push({ ...segment });
  });
  return joined;
}

/** One side of a comparison, its own words marked. */
function sideNodes(found, side) {
  return found.flatMap((segment) => {
    if (segment.same) return folded(segment[side], EQUAL_SHOWN, (text) => shown(text));
    return marked("mark", segment[side]);
  });
}

/** The second text with what it has more and, struck out, what it lacks of the first. */
function changeNodes(found) {
  return found.flatMap((segment) => {
    if (segment.same) return folded(segment.other, EQUAL_SHOWN, (text) => shown(text));
    return [...marked("del", segment.one), ...marked("ins", segment.other)];
  });
}

function marked(tag, text) {
  if (text === "") return [];
  return folded(text, CHANGED_SHOWN, (part) => [make(tag, {}, ...shown(part, true))]);
}

/** A long text with a button in place of its middle. */
function folded(text, limit, render) {
  if (text.length <= 1.5 * limit) return render(text);
  const [head, tail] = [wholeEnd(text, limit / 2), wholeEnd(text, text.length - limit / 2)];
  const middle = text.slice(head, tail);
  const unfold = (event) => event.currentTarget.replaceWith(...render(middle));
  const label = `⋯ ${count(middle.length)} characters ⋯`;
  const button = make("button", { class: "fold", type: "button", onclick: unfold }, label);
  return [...render(text.slice(0, head)), button, ...render(text.slice(tail))];
}

/** The place, moved so that it does not part the two halves of a character. */
function wholeEnd(text, place) {
  const code = text.charCodeAt(place);
  return code >= 0xdc00 && code <= 0xdfff ? place + 1 : place;
}
