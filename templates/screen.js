// What a page can do where scripts run: contents, colours, filter, sort, values under the pointer.
// Every control is made here, so none is dead without it. docs/templates.md says how a page opts in.
"use strict";
(() => {
const words = JSON.parse(document.currentScript.dataset.words);
const root = document.documentElement;
const language = root.lang || "en";
const SVG = "http://www.w3.org/2000/svg";

function make(name, attributes, ...inside) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...inside);
  return made;
}

let fields = 0;

function field(text, control) {
  control.id = `field-${++fields}`;
  return make("span", { class: "field" }, make("label", { for: control.id }, text), control);
}

function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (_, key) => values[key]);
}

function plain(text) {
  return text.replace(/\s+/g, " ").trim();
}

// colours: the dark ones stand in a sheet of their own, which is switched as a whole

const KEY = "slo-reports-colours";
const sheets = [...document.querySelectorAll("style.dark")];
const automatic = sheets.map((sheet) => sheet.media);

function remembered() {
  try { return localStorage.getItem(KEY) || "auto"; } catch { return "auto"; }
}

function remember(choice) {
  try { localStorage.setItem(KEY, choice); } catch { /* refused: it holds for this page */ }
}

function wear(choice) {
  sheets.forEach((sheet, n) => {
    sheet.media = { dark: "screen", light: "not all" }[choice] || automatic[n];
  });
  root.style.colorScheme = ["dark", "light"].includes(choice) ? choice : "";
}

wear(remembered());

function colours() {
  const select = make("select", {});
  for (const one of ["auto", "light", "dark"]) select.append(new Option(words[one], one));
  select.value = remembered();
  if (!select.value) select.value = "auto";
  select.addEventListener("change", () => { wear(select.value); remember(select.value); });
  return field(words.colours, select);
}

// contents

function contents(bar) {
  const heads = [...document.querySelectorAll("main h2:not(.hidden):not(.small)")];
  if (heads.length < 3) return;
  const list = make("ol", {});
  const links = new Map(heads.map((head, n) => {
    head.id = head.id || `part-${n + 1}`;
    const link = make("a", { href: `#${head.id}` }, plain(head.textContent));
    list.append(make("li", {}, link));
    return [head, link];
  }));
  const nav = make("nav", { class: "toc", id: "contents-of-page", "aria-label": words.contents, hidden: "" }, list);
  const button = make("button", { type: "button", class: "contents-button", "aria-expanded": "false", "aria-controls": nav.id }, words.contents);
  const open = (yes) => { nav.hidden = !yes; button.setAttribute("aria-expanded", String(yes)); };
  button.addEventListener("click", () => open(nav.hidden));
  nav.addEventListener("click", (event) => { if (event.target.closest("a")) open(false); });
  document.addEventListener("click", (event) => { if (!bar.contains(event.target)) open(false); });
  bar.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !nav.hidden) { open(false); button.focus(); }
  });
  bar.append(button, nav);
  const watch = new IntersectionObserver((seen) => {
    const here = seen.find((one) => one.isIntersecting);
    if (!here) return;
    for (const link of links.values()) link.removeAttribute("aria-current");
    links.get(here.target).setAttribute("aria-current", "location");
  }, { rootMargin: "0px 0px -65% 0px" });
  heads.forEach((head) => watch.observe(head));
}

function toolbar() {
  const title = plain((document.querySelector("h1") || {}).innerText || document.title);
  const bar = make("div", { class: "tools", role: "region", "aria-label": words.tools }, make("span", { class: "where", "aria-hidden": "true" }, title));
  contents(bar);
  bar.append(colours());
  const skip = document.querySelector("a.skip");
  if (skip) skip.after(bar); else document.body.prepend(bar);
}

// tables: <table data-tools="filter sort">

const collator = new Intl.Collator(language, { numeric: true, sensitivity: "base" });
const comma = new Intl.NumberFormat(language).format(1.5).includes(",");

function number(cell) {
  if (cell.dataset.value !== undefined) return Number.parseFloat(cell.dataset.value);
  let text = cell.textContent.replace(/[\u2212\u2013](?=\d)/g, "-").replace(/[\s\u2019']/g, "");
  text = comma ? text.replace(/\./g, "").replace(",", ".") : text.replace(/,/g, "");
  return Number.parseFloat((text.match(/-?\d+(\.\d+)?/) || ["none"])[0]);
}

function compare(one, other, column, numeric) {
  const [a, b] = [one.row.cells[column], other.row.cells[column]];
  if (!numeric) return collator.compare(a.dataset.value || plain(a.textContent), b.dataset.value || plain(b.textContent));
  return number(a) - number(b);
}

function unspanned(table) {
  // every row bears the heading of its group, so that it can stand alone
  return [...table.tBodies].flatMap((body) => {
    const lead = body.rows[0] && body.rows[0].querySelector(":scope > th[rowspan]");
    return [...body.rows].map((row, n) => {
      if (lead && n) row.prepend(lead.cloneNode(true));
      return { row, body, lead: lead && row.cells[0], text: plain(row.textContent).toLowerCase() };
    });
  });
}

function tend(table) {
  const tools = table.dataset.tools.split(" ");
  const rows = unspanned(table);
  const flat = make("tbody", {});
  const state = { words: [], facets: {}, column: -1, down: false };
  const matches = ({ row, text }) => state.words.every((one) => text.includes(one))
    && Object.entries(state.facets).every(([key, value]) => !value || row.getAttribute(`data-facet-${key}`) === value);
  let tell = () => {};

  function order() {
    if (state.column < 0) return rows;
    const numeric = table.tHead.rows[0].cells[state.column].matches(".num, [data-sort=number]");
    const known = rows.filter(({ row }) => !numeric || !Number.isNaN(number(row.cells[state.column])));
    const sorted = [...known].sort((a, b) => compare(a, b, state.column, numeric) * (state.down ? -1 : 1));
    return [...sorted, ...rows.filter((one) => !known.includes(one))];
  }

  function show() {
    const sorted = state.column >= 0;
    const shown = rows.filter(matches);
    for (const one of order()) {
      (sorted ? flat : one.body).append(one.row);
      one.row.hidden = !shown.includes(one);
      if (!one.lead) continue;
      const mates = sorted ? [one] : shown.filter((other) => other.body === one.body);
      one.lead.hidden = mates[0] !== one;
      one.lead.rowSpan = Math.max(mates.length, 1);
      one.lead.scope = sorted ? "row" : "rowgroup";
    }
    if (sorted) table.append(flat); else flat.remove();
    tell(shown.length);
  }

  if (tools.includes("sort") && rows.length > 2) sorting(table, state, show);
  if (tools.includes("filter") && rows.length > 7) tell = filtering(table, rows, state, show);
  show();
}

function sorting(table, state, show) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    if (head.dataset.sort === "none" || !plain(head.textContent)) return;
    const sign = make("i", { "aria-hidden": "true" });
    const button = make("button", { type: "button", class: "sorter" }, ...head.childNodes, sign);
    head.append(button);
    button.addEventListener("click", () => {
      if (state.column !== column) Object.assign(state, { column, down: false });
      else if (!state.down) state.down = true;
      else state.column = -1;
      for (const other of heads) {
        other.removeAttribute("aria-sort");
        const mark = other.querySelector(".sorter i");
        if (mark) mark.textContent = "";
      }
      if (state.column >= 0) {
        head.setAttribute("aria-sort", state.down ? "descending" : "ascending");
        sign.textContent = state.down ? "▼" : "▲";
      }
      show();
    });
  });
}

function filtering(table, rows, state, show) {
  const text = make("input", { type: "search", autocomplete: "off", spellcheck: "false" });
  const count = make("p", { role: "status" });
  const reset = make("button", { type: "button", hidden: "" }, words.reset);
  const caption = table.caption ? plain(table.caption.firstChild.textContent) : "";
  const form = make("div", { class: "filter", role: "group", "aria-label": `${words.filter} ${caption}`.trim() }, field(words.filter, text));
  text.addEventListener("input", () => {
    state.words = plain(text.value).toLowerCase().split(" ").filter(Boolean);
    show();
  });
  const selects = (table.dataset.facets || "").split(";").filter(Boolean).map((pair) => {
    const [key, label] = pair.split("=");
    const values = new Set(rows.map(({ row }) => row.getAttribute(`data-facet-${key}`) || ""));
    values.delete("");
    if (values.size < 2) return null;
    const select = make("select", {}, new Option(words.any, ""));
    for (const value of [...values].sort(collator.compare)) select.append(new Option(value, value));
    select.addEventListener("change", () => { state.facets[key] = select.value; show(); });
    form.append(field(label, select));
    return select;
  });
  reset.addEventListener("click", () => {
    text.value = "";
    for (const select of selects) if (select) select.value = "";
    Object.assign(state, { words: [], facets: {} });
    show();
    text.focus();
  });
  form.append(count, reset);
  (table.closest(".scroll") || table).before(form);
  return (shown) => {
    const all = shown === rows.length;
    reset.hidden = all && !text.value;
    count.textContent = all ? "" : fill(shown ? words.shown : words.nothing, { shown, all: rows.length });
  };
}

// pictures: an svg with data-plot tells the value at an instant, an element with data-tip its words

const tip = make("div", { class: "tip", role: "status" });
let quieten = () => {};
let byKeys = false;
let pointer = "";

function moved(event) {
  // scrolling under a pointer that rests is no wish to see something else
  const before = pointer;
  pointer = `${event.screenX} ${event.screenY}`;
  if (pointer !== before) byKeys = false;
  return !byKeys;
}

function speak(text, x, y) {
  tip.textContent = text;
  const wide = tip.offsetWidth;
  tip.style.left = `${Math.max(scrollX + 8, Math.min(x - wide / 2, scrollX + root.clientWidth - wide - 8))}px`;
  tip.style.top = `${Math.max(y - tip.offsetHeight - 14, scrollY + 4)}px`;
}

function plotted(picture) {
  if (!picture.dataset.plot) return [];
  const plot = JSON.parse(picture.dataset.plot);
  const form = new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, { timeZone: plot.zone, day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  let at = plot.first;
  return plot.steps.map((step, n) => {
    at += step * plot.unit;
    const instant = at;
    const said = plot.series.map(([name, values]) => `${name} ${values[n] === "" ? words.gap : values[n]}`);
    const x = plot.left + (at - plot.start) / (plot.end - plot.start) * (plot.right - plot.left);
    return { x, text: () => `${form.format(instant * 1000).replace(/(\D),/, "$1")}\n${said.join("\n")}` };
  });
}

function cursor(picture, x) {
  picture.querySelectorAll(".cursor").forEach((old) => old.remove());
  if (x === undefined) return;
  const { top, bottom } = JSON.parse(picture.dataset.plot);
  const line = document.createElementNS(SVG, "line");
  for (const [key, value] of Object.entries({ class: "cursor", x1: x, x2: x, y1: top, y2: bottom })) line.setAttribute(key, value);
  picture.append(line);
}

function enliven(picture) {
  const title = picture.querySelector(":scope > title");
  if (title && picture.getAttribute("role") === "img") {
    picture.setAttribute("aria-label", title.textContent);
    title.remove();  // else browsers show all of it over the values
  }
  const canvas = picture.closest(".canvas");
  const points = plotted(picture);
  const tips = [...picture.querySelectorAll("[data-tip]")];
  if (!canvas && title) picture.dataset.tip = title.textContent;
  if (!points.length && !tips.length && !picture.dataset.tip) return;
  (canvas || picture.parentNode).classList.add("live");

  function clear() {
    tip.textContent = "";
    cursor(picture);
    tips.forEach((one) => one.classList.remove("chosen"));
  }

  function at(point, y) {
    quieten(); quieten = clear;
    const box = picture.getBoundingClientRect();
    cursor(picture, point.x);
    const zoom = box.width / picture.viewBox.baseVal.width;
    speak(point.text(), scrollX + box.left + point.x * zoom, y === undefined ? scrollY + box.top + box.height * .35 : y);
  }

  function on(one, chosen) {
    quieten(); quieten = clear;
    const box = one.getBoundingClientRect();
    if (chosen) one.classList.add("chosen");
    speak(one.dataset.tip, scrollX + box.left + box.width / 2, scrollY + box.top);
  }

  picture.addEventListener("pointermove", (event) => {
    if (!moved(event)) return;
    const one = event.target.closest("[data-tip]");
    if (one) return on(one);
    if (!points.length) return clear();
    const box = picture.getBoundingClientRect();
    const x = (event.clientX - box.left) / box.width * picture.viewBox.baseVal.width;
    const near = points.reduce((best, point) => (Math.abs(point.x - x) < Math.abs(best.x - x) ? point : best));
    at(near, event.pageY);
  });
  picture.addEventListener("pointerleave", (event) => { if (event.pointerType !== "touch" && moved(event)) clear(); });
  if (!canvas) return;
  const stops = points.length ? points.map((point) => () => at(point)) : tips.map((one) => () => on(one, true));
  let place = -1;
  canvas.setAttribute("aria-label", fill(words.keys, { name: canvas.getAttribute("aria-label") || "" }));
  canvas.addEventListener("keydown", (event) => {
    const jump = { ArrowRight: 1, ArrowLeft: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity }[event.key];
    if (!jump || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    byKeys = true;
    place = Math.max(0, Math.min(stops.length - 1, place + jump));
    stops[place]();
  });
  canvas.addEventListener("blur", () => { place = -1; clear(); });
}

document.addEventListener("keydown", (event) => { if (event.key === "Escape") quieten(); });

document.addEventListener("DOMContentLoaded", () => {
  document.body.append(tip);
  toolbar();
  document.querySelectorAll("svg[role=img]").forEach(enliven);
  document.querySelectorAll("table[data-tools]").forEach(tend);
});
})();
