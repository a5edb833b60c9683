// SPDX-License-Identifier: Apache-2.0
// The table of episodes: one line each, sorted by a column.

import { bytes, defectsOf, element, moment, seconds, stateText } from "./text.js";

export class Table {
  constructor(section, onOpen, onChange) {
    this.body = section.querySelector("tbody");
    this.heads = [...section.querySelectorAll("th[data-sort]")];
    this.lines = new Map(); // key → its line, and the serial number it shows
    this.sort = { name: "index", sign: 1 };
    this.shown = [];
    for (const head of this.heads) {
      head.querySelector("button").addEventListener("click", () => {
        const again = this.sort.name === head.dataset.sort;
        this.sort = { name: head.dataset.sort, sign: again ? -this.sort.sign : 1 };
        onChange();
      });
    }
    this.body.addEventListener("click", (event) => {
      const line = event.target.closest("tr");
      if (line) onOpen(Number(line.dataset.key));
    });
    this.body.addEventListener("keydown", (event) => {
      const line = event.target.closest("tr");
      if (event.key === "Enter" && line) onOpen(Number(line.dataset.key));
    });
  }

  show(rows, selected) {
    this.shown = [...rows].sort((a, b) => this.compare(a, b)).map((row) => row.key);
    const byKey = new Map(rows.map((row) => [row.key, row]));
    const lines = this.shown.map((key) => this.line(byKey.get(key)));
    const order = this.shown.join();
    if (order !== this.order) this.body.replaceChildren(...lines);
    this.order = order;
    this.select(selected);
    for (const head of this.heads) {
      const up = this.sort.sign > 0 ? "ascending" : "descending";
      head.setAttribute("aria-sort", head.dataset.sort === this.sort.name ? up : "none");
    }
  }

  forget(keys) {
    for (const key of this.lines.keys()) if (!keys.has(key)) this.lines.delete(key);
  }

  select(key) {
    const stop = this.shown.includes(key) ? key : this.shown[0];
    for (const [each, { line }] of this.lines) {
      line.setAttribute("aria-current", String(each === key));
      line.tabIndex = each === stop ? 0 : -1;
    }
  }

  reveal(key) {
    this.lines.get(key)?.line.scrollIntoView({ block: "nearest" });
  }

  // The episode `step` lines from `key`, or the first one.
  neighbour(key, step) {
    const at = this.shown.indexOf(key);
    return at < 0 ? this.shown[0] : this.shown[at + step];
  }

  compare(a, b) {
    const [x, y] = [valueOf(a, this.sort.name), valueOf(b, this.sort.name)];
    const order = typeof x === "number" ? x - y : x.localeCompare(y);
    return this.sort.sign * order || a.index - b.index || a.name.localeCompare(b.name);
  }

  line(row) {
    const kept = this.lines.get(row.key) ?? { line: element("tr"), serial: -1, version: "" };
    if (kept.serial !== row.serial) fill(kept, row);
    this.lines.set(row.key, kept);
    return kept.line;
  }
}

function valueOf(row, name) {
  if (name === "labels") return row.labels.join(" ");
  if (name === "verdict") return row.verdict || row.state;
  if (name === "defects") return -defectsOf(row).length;
  return row[name];
}

function fill(kept, row) {
  const picture = pictureOf(kept, row);
  const state = element("span", { className: "verdict" }, stateText(row));
  state.dataset.verdict = row.state === "whole" ? row.verdict : row.state;
  const has = row.state === "whole" || row.state === "partial";
  const cells = [
    element("td", { className: "picture" }, picture),
    element("td", { className: "number", title: row.name }, String(row.index)),
    element("td", {}, state),
    element("td", { className: "task", title: row.task }, row.task),
    element("td", {}, chips(row.labels)),
    element("td", {}, ...defectChips(row)),
    element("td", { className: "number" }, has ? seconds(row.duration_s) : ""),
    element("td", { className: "number spare" }, has ? String(row.num_frames) : ""),
    element("td", { className: "number spare" }, bytes(row.size_bytes)),
    element("td", { className: "spare" }, moment(row.modified_s)),
  ];
  kept.line.dataset.key = row.key;
  kept.line.dataset.state = row.state;
  kept.line.replaceChildren(...cells);
  kept.serial = row.serial;
}

// One picture a version of the file: a new label does not load it again.
function pictureOf(kept, row) {
  const has = (row.state === "whole" || row.state === "partial") && row.cameras.length > 0;
  if (!has) return "";
  if (kept.version !== row.version || !kept.picture) {
    const image = element("img", { alt: "", loading: "lazy", width: 60, height: 45 });
    image.src = `/api/episodes/${row.key}/thumbnail?v=${row.version}`;
    image.addEventListener("error", () => image.classList.add("missing"));
    Object.assign(kept, { version: row.version, picture: image });
  }
  return kept.picture;
}

function chips(labels) {
  const items = labels.map((label) => element("li", { className: "chip" }, label));
  return element("ul", { className: "chips" }, ...items);
}

function defectChips(row) {
  if (row.state === "broken") {
    return [element("span", { className: "fault", title: row.fault }, row.fault)];
  }
  const found = new Map();
  for (const defect of defectsOf(row)) {
    found.set(defect.code, [...(found.get(defect.code) ?? []), defect]);
  }
  const items = [...found].map(([code, defects]) => {
    const title = defects.map((defect) => defect.text).join("\n");
    const chip = element("li", { className: "chip", title }, code);
    chip.dataset.severity = defects.some((d) => d.severity === "error") ? "error" : "warning";
    return chip;
  });
  return [element("ul", { className: "chips" }, ...items)];
}
