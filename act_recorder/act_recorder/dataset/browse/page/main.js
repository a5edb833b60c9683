// SPDX-License-Identifier: Apache-2.0
// The page: what is known of the dataset, what is shown of it, and what people do to it.

import { Filter } from "./filter.js";
import { listen } from "./keys.js";
import { fault, notice } from "./notice.js";
import { getJson, post } from "./server.js";
import { Table } from "./table.js";
import { bytes, count, element, seconds, VERDICTS } from "./text.js";
import { Trash } from "./trash.js";
import { Viewer } from "./viewer.js";

const POLL_MS = { reading: 250, inspecting: 1000, resting: 3000 };
const find = (name) => document.querySelector(`#${name}`);
const rows = new Map(); // key → row
let serial = 0;
let selected = null;
let timer = 0;

const table = new Table(find("list"), open, show);
const filter = new Filter(find("filter"), show);
const trash = new Trash(find("trash"), restore);
const viewer = new Viewer(find("viewer"), { judge, label, remove, close, neighbour });

async function poll() {
  clearTimeout(timer);
  let wait_ms = POLL_MS.resting;
  try {
    const known = await getJson(`/api/episodes?since=${serial}`);
    take(known);
    if (known.uninspected) wait_ms = POLL_MS.inspecting;
    if (known.unread) wait_ms = POLL_MS.reading;
  } catch (error) {
    find("progress").textContent = error.message;
  }
  clearTimeout(timer);
  if (!document.hidden) timer = setTimeout(poll, wait_ms);
}

function take(known) {
  const there = new Set(known.keys);
  const gone = [...rows.keys()].filter((key) => !there.has(key));
  gone.forEach((key) => rows.delete(key));
  known.rows.forEach((row) => rows.set(row.key, row));
  table.forget(there);
  trash.show(known.deleted);
  const name = known.dataset.split("/").filter(Boolean).at(-1);
  find("dataset").textContent = name;
  find("dataset").title = known.dataset;
  document.title = `${name} · episodes`;
  find("progress").textContent = progress(known);
  if (known.serial !== serial || gone.length) {
    serial = known.serial;
    show();
  }
  if (selected === null) openFromAddress();
}

function progress({ unread, uninspected }) {
  if (unread) return `reading ${count(unread, "file")} …`;
  return uninspected ? `checking ${count(uninspected, "episode")} …` : "";
}

function show() {
  const all = [...rows.values()];
  filter.offer(all);
  const shown = all.filter((row) => filter.matches(row));
  table.show(shown, selected);
  find("matches").textContent =
    shown.length === all.length ? count(all.length, "episode") : `${shown.length} of ${all.length}`;
  find("nothing").hidden = shown.length > 0;
  find("nothing").textContent =
    all.length ? "No episode matches the filter." : "No episode is left in this folder.";
  find("sums").textContent = sums(all);
  const labels = [...new Set(all.flatMap((row) => row.labels))].sort();
  find("known_labels").replaceChildren(...labels.map((value) => element("option", { value })));
  if (viewer.key === null) return;
  const row = rows.get(viewer.key);
  if (row) viewer.update(row);
  else close();
}

function sums(all) {
  const sum = (name) => all.reduce((total, row) => total + row[name], 0);
  const judged = (verdict) => all.filter((r) => r.state === "whole" && r.verdict === verdict).length;
  return `${count(all.length, "episode")} · ${seconds(sum("duration_s"))} · ` +
    `${bytes(sum("size_bytes"))} · ${judged("success")} ✓ · ${judged("failure")} ✗ · ` +
    `${judged("")} not judged`;
}

function open(key) {
  if (!rows.has(key)) return;
  selected = key;
  document.body.classList.add("viewing");
  table.select(key);
  viewer.open(rows.get(key));
  table.reveal(key);
  history.replaceState(null, "", `#${key}`);
}

function close() {
  viewer.close();
  selected = null;
  document.body.classList.remove("viewing");
  table.select(null);
  history.replaceState(null, "", " ");
}

function openFromAddress() {
  const key = location.hash.length > 1 ? Number(location.hash.slice(1)) : NaN;
  if (rows.has(key) && rows.get(key).state !== "unread") open(key);
}

function neighbour(step) {
  const key = table.neighbour(selected, step);
  if (key !== undefined) open(key);
}

// Ask the server for a change, and show what came of it.
async function change(path, value) {
  try {
    const answer = await post(path, value);
    await poll();
    return answer;
  } catch (error) {
    fault(error);
    return null;
  }
}

async function judge(verdict, key = viewer.key) {
  const row = rows.get(key);
  if (row?.state !== "whole" || row.verdict === verdict) return;
  if (await change(`/api/episodes/${key}/verdict`, { verdict })) {
    notice(`Episode ${row.index}: ${VERDICTS[verdict]}`, () => judge(row.verdict, key));
  }
}

async function label(labels, key = viewer.key) {
  const row = rows.get(key);
  if (row?.state !== "whole") return;
  if (await change(`/api/episodes/${key}/labels`, { labels })) {
    notice(`Episode ${row.index}: ${labels.join(", ") || "no labels"}`, () => label(row.labels, key));
  }
}

async function remove() {
  const row = rows.get(viewer.key);
  if (!row || row.state === "recording") return;
  const next = table.neighbour(row.key, 1) ?? table.neighbour(row.key, -1);
  const answer = await change(`/api/episodes/${row.key}/delete`);
  if (!answer) return;
  if (next !== undefined && rows.has(next)) open(next);
  notice(`Episode ${row.index} was moved to .trash`, () => restore(answer.deleted));
}

async function restore(key) {
  const answer = await change(`/api/deleted/${key}/restore`);
  if (!answer) return;
  notice("The episode is back");
  open(answer.key);
}

listen({
  " ": () => (viewer.key === null ? false : viewer.player.toggle()),
  ArrowLeft: () => viewer.player.step(-1),
  ArrowRight: () => viewer.player.step(1),
  "Shift+ArrowLeft": () => viewer.player.step(-10),
  "Shift+ArrowRight": () => viewer.player.step(10),
  Home: () => viewer.player.step(-Infinity),
  End: () => viewer.player.step(Infinity),
  ArrowUp: () => neighbour(-1),
  ArrowDown: () => neighbour(1),
  s: () => judge("success"),
  f: () => judge("failure"),
  u: () => judge(""),
  Delete: () => remove(),
  Escape: () => close(),
  "/": () => find("filter").elements.text.focus(),
});
document.addEventListener("visibilitychange", () => document.hidden || poll());
addEventListener("hashchange", openFromAddress);
poll();
