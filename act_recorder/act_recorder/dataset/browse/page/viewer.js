// SPDX-License-Identifier: Apache-2.0
// The episode that is open: pictures, curves, and the clock that moves both.

import { Cameras } from "./cameras.js";
import { Curves } from "./curves.js";
import { Details } from "./details.js";
import { Frames } from "./frames.js";
import { Player } from "./player.js";
import { getBytes, getJson } from "./server.js";
import { element } from "./text.js";

export class Viewer {
  constructor(section, actions) {
    const find = (name) => section.querySelector(`#${name}`);
    this.section = section;
    this.parts = {
      play: find("play"), range: find("row"), time: find("time"), speed: find("speed"),
      sources: find("sources"), sourceNames: find("source_names"), recording: find("recording"), fault: find("fault"),
    };
    this.details = new Details(section, actions);
    this.cameras = new Cameras(find("cameras"));
    this.curves = new Curves(find("curves"), (row) => this.player.seek(row));
    this.player = new Player(
      (row) => this.showRow(row),
      (row) => this.frames?.at(row) !== undefined,
      (playing) => this.showPlaying(playing),
    );
    this.frames = null;
    this.key = null;
    this.opened = 0;
    this.parts.play.addEventListener("click", () => this.player.toggle());
    find("back").addEventListener("click", () => this.player.step(-1));
    find("forward").addEventListener("click", () => this.player.step(1));
    this.parts.range.addEventListener("input", () => this.player.seek(Number(this.parts.range.value)));
    this.parts.speed.addEventListener("change", () => {
      this.player.speed = Number(this.parts.speed.value);
    });
  }

  async open(row) {
    this.leave();
    const opened = this.opened;
    this.key = row.key;
    this.section.hidden = false;
    this.section.scrollTop = 0;
    this.details.show(row);
    const readable = row.state === "whole" || row.state === "partial";
    this.parts.recording.hidden = !readable;
    if (!readable) return;
    this.section.ariaBusy = "true";
    try {
      const path = `/api/episodes/${row.key}`;
      const [description, table] = await Promise.all([
        getJson(path), getBytes(`${path}/curves?v=${row.version}`),
      ]);
      if (opened === this.opened) this.fill(row, description, new Float32Array(table));
    } catch (error) {
      if (opened !== this.opened) return;
      this.parts.recording.hidden = true;
      this.say(error.message);
    } finally {
      if (opened === this.opened) this.section.ariaBusy = "false";
    }
  }

  // A row of the table has changed: show what is said of the episode anew.
  update(row) {
    this.details.show(row);
  }

  close() {
    this.leave();
    this.key = null;
    this.section.hidden = true;
  }

  leave() {
    this.opened += 1;
    this.player.pause();
    this.frames?.close();
    this.frames = null;
  }

  fill(row, description, table) {
    const { num_frames: rows, joint_names: names, joint_units: units, cameras } = description;
    const curve = (i) => table.subarray(i * rows, (i + 1) * rows);
    const states = names.map((_, i) => curve(1 + i));
    const commands = names.map((_, i) => curve(1 + names.length + i));
    this.description = description;
    this.cameras.show(cameras);
    this.curves.show(names, units, curve(0), states, commands);
    this.details.showFacts(description.facts, cameras);
    this.showSources(description.sources, rows);
    this.parts.range.max = rows - 1;
    this.frames = new Frames(row.key, row.version, rows, cameras.length, () => this.arrive());
    this.player.open(curve(0));
  }

  showRow(row) {
    const { range, time } = this.parts;
    const times = this.player.times;
    range.value = row;
    range.ariaValueText = `row ${row}, ${times[row].toFixed(2)} s`;
    time.textContent =
      `${times[row].toFixed(2)} / ${times[times.length - 1].toFixed(2)} s · row ${row}`;
    this.curves.cursor(row);
    this.frames.want(row);
    this.arrive();
  }

  // Draw the row if its images are here; they may also come later.
  arrive() {
    const images = this.frames?.at(this.player.row);
    if (this.frames?.error) this.say(this.frames.error.message);
    if (images) this.cameras.draw(this.player.row, images);
  }

  say(text) {
    this.parts.fault.textContent = text;
    this.parts.fault.hidden = false;
  }

  showPlaying(playing) {
    const { play } = this.parts;
    play.ariaPressed = String(playing);
    play.firstChild.textContent = playing ? "⏸\uFE0E" : "▶\uFE0E";
    play.lastChild.textContent = playing ? " Pause" : " Play";
  }

  // Who commanded which stretch, under the slider; nothing where it was one all along.
  showSources(runs, rows) {
    const kinds = [...new Set(runs.map(([, , name]) => name || "unknown"))];
    const several = kinds.length > 1;
    const bars = several ? runs : [];
    this.parts.sources.replaceChildren(...bars.map(([first, count, name]) => {
      const bar = element("span");
      bar.dataset.kind = kinds.indexOf(name || "unknown");
      bar.style.left = `${(100 * first) / rows}%`;
      bar.style.width = `${(100 * count) / rows}%`;
      return bar;
    }));
    this.parts.sources.hidden = !several;
    const names = several ? kinds : [];
    this.parts.sourceNames.replaceChildren(...names.flatMap((name, kind) => {
      const key = element("i");
      key.dataset.kind = kind;
      return [key, name];
    }));
  }
}
