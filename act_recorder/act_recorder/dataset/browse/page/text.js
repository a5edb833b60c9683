// SPDX-License-Identifier: Apache-2.0
// How things are written. All text of files goes in as text, never as HTML.

export function element(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

export function seconds(value) {
  if (value < 60) return `${value.toFixed(1)} s`;
  return `${Math.floor(value / 60)}:${String(Math.floor(value % 60)).padStart(2, "0")} min`;
}

export function bytes(value) {
  if (value >= 1e9) return `${(value / 1e9).toFixed(1)} GB`;
  if (value >= 1e6) return `${(value / 1e6).toFixed(value < 1e7 ? 1 : 0)} MB`;
  return `${Math.max(1, Math.round(value / 1e3))} kB`;
}

export function moment(unix_s) {
  const date = new Date(unix_s * 1000);
  const two = (number) => String(number).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ` +
    `${two(date.getHours())}:${two(date.getMinutes())}`;
}

export function count(number, noun) {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

export const VERDICTS = { success: "✓ success", failure: "✗ failure", "": "not judged" };

const STATES = {
  unread: "…",
  recording: "being recorded",
  partial: "unfinished",
  broken: "cannot be read",
};

export function stateText(row) {
  return STATES[row.state] ?? VERDICTS[row.verdict];
}

// What is wrong with an episode, findings of `validate` or what its file has against being read.
export function defectsOf(row) {
  if (row.state === "broken") return [{ code: "unreadable", severity: "error", text: row.fault }];
  if (row.state === "partial") {
    const text = "nobody has finished it; `act dataset recover` makes an episode of it";
    return [{ code: "unfinished", severity: "warning", text }];
  }
  return row.defects ?? [];
}
