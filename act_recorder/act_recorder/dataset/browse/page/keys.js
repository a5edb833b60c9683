// SPDX-License-Identifier: Apache-2.0
// Keys of the page. Fields keep theirs, and so do combinations of the browser.

const FIELDS = "input, select, textarea";

// keys: name of a key → what it does.
export function listen(keys) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target.closest(FIELDS);
    if (event.key === "Escape" && target) target.blur();
    if (target && !(target.type === "range" && event.key === " ")) return;
    if (event.key === " " && event.target.closest("button, summary")) return;
    const name = `${event.shiftKey && event.key.length > 1 ? "Shift+" : ""}${event.key}`;
    const action = keys[name] ?? keys[name.toLowerCase()];
    if (action && action() !== false) event.preventDefault();
  });
}
