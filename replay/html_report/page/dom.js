// Elements. Text is always set as text: nothing of the document is ever parsed as HTML.

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key === "class") made.className = value;
    else made.setAttribute(key, value === true ? "" : String(value));
  }
  append(made, children);
  return made;
}

function append(parent, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false || child === "") continue;
    parent.append(child instanceof Node ? child : String(child));
  }
}

const VERDICT_WORDS = {
  improved: ["\u2713", "Improved"],
  regressed: ["\u2717", "Regressed"],
  equivalent: ["=", "Equivalent"],
  inconclusive: ["?", "Inconclusive"],
  passed: ["\u2713", "Passed"],
  failed: ["\u2717", "Failed"],
  aborted: ["\u2717", "Aborted"],
  violated: ["\u2717", "Violated"],
  not_decidable: ["?", "Not decidable"],
  none: ["\u2022", "No objectives"],
};

// A word, a sign and a colour: none of them alone.
function badge(verdict, size = "") {
  const known = Object.hasOwn(VERDICT_WORDS, verdict ?? "") ? verdict : null;
  const [sign, word] = known ? VERDICT_WORDS[known] : ["\u2022", verdict ? String(verdict) : "Not judged"];
  return element("span", { class: `badge ${known ?? "unknown"} ${size}` }, element("span", { "aria-hidden": "true" }, sign),
    " ", word);
}

// Wide content scrolls by itself, so that the page never does; by keyboard, too, while it has something to scroll.
function scrolling(label, content) {
  const box = element("div", { class: "scroll", role: "group", "aria-label": label }, content);
  new ResizeObserver(() => {
    if (box.scrollWidth > box.clientWidth + 1) box.setAttribute("tabindex", "0");
    else box.removeAttribute("tabindex");
  }).observe(box);
  return box;
}

// columns: [{text, number}]; rows: lists of cells (text, node or list); the first cell of a row names it.
function table(caption, columns, rows) {
  const head = columns.map((column) => element("th", { scope: "col", class: column.number ? "number" : null }, column.text));
  const body = rows.map((cells) => element("tr", {}, cells.map((cell, index) =>
    index === 0
      ? element("th", { scope: "row" }, cell)
      : element("td", { class: columns[index]?.number ? "number" : null }, cell))));
  return scrolling(caption, element("table", {}, element("caption", {}, caption),
    element("thead", {}, element("tr", {}, head)), element("tbody", {}, body)));
}

function columns(...names) {
  return names.map((name) => (name.startsWith("#") ? { text: name.slice(1), number: true } : { text: name }));
}

function section(id, title, ...children) {
  return element("section", { id, "aria-labelledby": `${id}-title` }, element("h2", { id: `${id}-title` }, title), children);
}

function fold(summary, ...children) {
  return element("details", {}, element("summary", {}, summary), children);
}

function paragraph(...children) {
  return element("p", {}, children);
}

function note(...children) {
  return element("p", { class: "note" }, children);
}

function bullets(items, attributes = {}) {
  return items.length ? element("ul", attributes, items.map((item) => element("li", {}, item))) : null;
}

// Pairs of a name and a value.
function facts(pairs) {
  const shown = pairs.filter(([, value]) => value !== null && value !== undefined && value !== "");
  return element("dl", { class: "facts" }, shown.map(([name, value]) =>
    element("div", {}, element("dt", {}, name), element("dd", {}, value))));
}
