// SPDX-License-Identifier: Apache-2.0
// Which episodes are shown.

import { defectsOf, VERDICTS } from "./text.js";

const ANY = "*";
const NONE = "-";

export class Filter {
  constructor(form, onChange) {
    this.fields = form.elements;
    form.addEventListener("input", onChange);
    form.addEventListener("change", onChange);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", () => setTimeout(onChange));
    const verdicts = Object.entries(VERDICTS).map(([value, text]) => [value || NONE, text]);
    fill(this.fields.verdict, [[ANY, "any"], ...verdicts]);
  }

  // Offer what the episodes have.
  offer(rows) {
    const counts = { task: new Map(), label: new Map(), defect: new Map() };
    const add = (name, value) => counts[name].set(value, (counts[name].get(value) ?? 0) + 1);
    for (const row of rows) {
      if (row.task) add("task", row.task);
      row.labels.forEach((label) => add("label", label));
      new Set(defectsOf(row).map((defect) => defect.code)).forEach((code) => add("defect", code));
    }
    for (const [name, found] of Object.entries(counts)) {
      const sorted = [...found].sort(([a], [b]) => a.localeCompare(b));
      const choices = sorted.map(([value, number]) => [`=${value}`, `${value} (${number})`]);
      fill(this.fields[name], [[ANY, "any"], [NONE, "none"], ...choices]);
    }
  }

  matches(row) {
    const { task, verdict, label, defect, text } = this.fields;
    const codes = defectsOf(row).map((each) => each.code);
    return one(task.value, row.task ? [row.task] : []) &&
      one(label.value, row.labels) &&
      one(defect.value, codes) &&
      (verdict.value === ANY || (row.state !== "unread" && (row.verdict || NONE) === verdict.value)) &&
      contains(row, codes, text.value);
  }
}

function one(wanted, values) {
  if (wanted === ANY) return true;
  return wanted === NONE ? values.length === 0 : values.includes(wanted.slice(1));
}

function contains(row, codes, text) {
  const all = [row.name, row.task, row.verdict, row.fault, ...row.labels, ...codes];
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const haystack = all.join("\n").toLowerCase();
  return words.every((word) => haystack.includes(word));
}

// Renew the options, and keep what was chosen while it is still there.
function fill(select, choices) {
  const key = JSON.stringify(choices);
  if (select.dataset.choices === key) return;
  const chosen = select.value;
  select.replaceChildren(...choices.map(([value, text]) => new Option(text, value)));
  select.dataset.choices = key;
  select.value = choices.some(([value]) => value === chosen) ? chosen : ANY;
}
