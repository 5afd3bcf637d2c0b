"use strict";

// Elements, numbers, and texts of which nothing is hidden.

const INVISIBLE =
  /([\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}])/u;
const BLANK_OR_INVISIBLE = new RegExp(
  INVISIBLE.source.replace("\\x0e", "\\t\\n\\r\\xa0\\u1680\\u2000-\\u200a\\u200c\\u200d\\u202f\\u205f\\u3000\\x0e"), "u",
);
const SIGNS = { "\t": "⇥\t", "\n": "↵\n", "\r": "\\r" };

/** Make an element; children that are strings become text, never markup. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== null && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

function byId(id) {
  return document.getElementById(id);
}

function count(number) {
  return Number(number).toLocaleString("en-US");
}

function counted(number, one, many = `${one}s`) {
  return `${count(number)} ${number === 1 ? one : many}`;
}

/** A distance with four digits; six where four would not tell it from eps. */
function decimal(number, beside = null) {
  const short = number.toFixed(4);
  return beside !== null && short === beside.toFixed(4) ? number.toFixed(6) : short;
}

function cosine(distance) {
  return 1 - (distance * distance) / 2;
}

/** A text as nodes: control characters and direction marks are shown by their names, and have no effect. */
function shown(text, withBlanks = false) {
  const parts = text.split(withBlanks ? BLANK_OR_INVISIBLE : INVISIBLE);
  return parts.map((part, place) => (place % 2 ? visibleSign(part) : part)).filter((part) => part !== "");
}

function visibleSign(character) {
  if (character === " ") return character;
  if (character in SIGNS) return make("span", { class: "sign" }, SIGNS[character]);
  const code = character.codePointAt(0);
  const name = `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
  return make("span", { class: "sign", title: "A character that is not visible by itself" }, name);
}

/** An id or a name, which keeps its direction to itself. */
function isolated(text, className = "") {
  return make("bdi", { class: className, title: text }, ...shown(text));
}

function isCut(row) {
  return Array.from(row.text).length < row.chars;
}

/** How much of a text that was cut is there. */
function cutNote(row) {
  if (!isCut(row)) return null;
  return make("p", { class: "cut" }, `Cut: the first ${count(Array.from(row.text).length)} of ${count(row.chars)} characters.`);
}
