// Two texts side by side, and lists of which a portion is shown.

/** A card with facts above two sides. */
function pairCard(facts, one, other) {
  return make("article", { class: "pair", tabindex: "-1", "data-item": true },
    make("header", {}, ...facts),
    make("div", { class: "both" }, one, other));
}

/** One side of a comparison under its names; row is {text, chars}. */
function sideOfPair(names, row, found, side) {
  return make("div", { class: "side" },
    make("p", { class: "ids" }, ...names),
    make("div", { class: "text", dir: "auto" }, ...sideNodes(found, side)),
    cutNote(row));
}

function rowNames(row) {
  return [rowId(row.id), isolated(row.source, "source"), isolated(row.dataset, "dataset")];
}

function rowId(id) {
  return make("span", { class: "number", title: "all_prompt_id" }, `#${id}`);
}

/** Append items portion by portion, with a button for the next one. */
function appendInPortions(list, items, size, what, render) {
  const more = make("button", { class: "more", type: "button", onclick: () => append() });
  let done = 0;
  const append = () => {
    const portion = items.slice(done, done + size).map((item) => render(item));
    const hadFocus = document.activeElement === more;
    more.remove();
    list.append(...portion);
    done += portion.length;
    if (done < items.length) {
      more.textContent = `Show ${Math.min(size, items.length - done)} more of ${counted(items.length, what)}`;
      list.append(more);
    }
    if (hadFocus) portion[0]?.focus();
  };
  append();
}
