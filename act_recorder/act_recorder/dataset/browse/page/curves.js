// SPDX-License-Identifier: Apache-2.0
// One small plot a joint: state and command over time, and where the row is.

import { element } from "./text.js";

const LEAST_SPAN = 0.05; // rad, or of a gripper's stroke: noise shall not look like motion

export class Curves {
  constructor(container, onSeek) {
    this.container = container;
    this.onSeek = onSeek;
    this.plots = [];
    this.times = new Float32Array(0);
    const redraw = () => this.plots.forEach((plot) => this.draw(plot));
    new ResizeObserver(redraw).observe(container);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
    container.addEventListener("pointerdown", (event) => this.drag(event));
    container.addEventListener("pointermove", (event) => event.buttons & 1 && this.drag(event));
  }

  // times: (T,) s; states, commands: one (T,) a joint.
  show(names, units, times, states, commands) {
    this.times = times;
    this.plots = names.map((name, i) => {
      const canvas = element("canvas");
      const cursor = element("i");
      const value = element("span", { className: "value" });
      const title = element("div", { className: "title" }, element("span", {}, name), value);
      const area = element("div", { className: "area" }, canvas, cursor);
      const box = element("div", { className: "plot" }, title, area);
      box.setAttribute("role", "img");
      box.setAttribute("aria-label", `${name}: state and command in ${unitName(units[i])}`);
      const range = rangeOf(states[i], commands[i]);
      box.title = `${name}: ${range.map(written).join(" … ")} ${unitName(units[i])}`;
      return { box, canvas, cursor, value, area, range, unit: units[i], state: states[i], command: commands[i] };
    });
    // Column by column: the left arm beside the right one.
    this.container.style.setProperty("--rows", Math.ceil(names.length / 2));
    this.container.replaceChildren(...this.plots.map((plot) => plot.box));
    this.plots.forEach((plot) => this.draw(plot));
  }

  cursor(row) {
    const end_s = this.times[this.times.length - 1] || 1;
    const at = this.times[row] / end_s;
    for (const plot of this.plots) {
      plot.cursor.style.left = `${100 * at}%`;
      const unit = plot.unit === "rad" ? " rad" : "";
      plot.value.textContent = `${written(plot.state[row])} → ${written(plot.command[row])}${unit}`;
    }
  }

  drag(event) {
    const area = event.target.closest(".plot")?.querySelector(".area") ?? this.held;
    if (!area || event.button > 0) return;
    if (event.type === "pointerdown") {
      this.held = area;
      event.target.setPointerCapture(event.pointerId);
      event.preventDefault();
    }
    const box = area.getBoundingClientRect();
    const part = Math.max(0, Math.min(1, (event.clientX - box.left) / box.width));
    this.onSeek(nearest(this.times, part * this.times[this.times.length - 1]));
  }

  draw({ canvas, area, range, state, command }) {
    const scale = devicePixelRatio;
    const [width, height] = [area.clientWidth, area.clientHeight];
    if (!width || !height) return;
    Object.assign(canvas, { width: width * scale, height: height * scale });
    const context = canvas.getContext("2d");
    context.scale(scale, scale);
    const style = getComputedStyle(this.container);
    const end_s = this.times[this.times.length - 1] || 1;
    const x = (row) => (this.times[row] / end_s) * width;
    const y = (value) => 2 + ((range[1] - value) / (range[1] - range[0])) * (height - 4);
    if (range[0] < 0 && range[1] > 0) {
      context.fillStyle = style.getPropertyValue("--line");
      context.fillRect(0, Math.round(y(0)), width, 1);
    }
    stroke(context, command, x, y, style.getPropertyValue("--command"), 1.8);
    stroke(context, state, x, y, style.getPropertyValue("--state"), 1.2);
  }
}

function stroke(context, values, x, y, color, width) {
  context.beginPath();
  let pen = false;
  values.forEach((value, row) => {
    if (Number.isNaN(value)) {
      pen = false;
    } else {
      if (pen) context.lineTo(x(row), y(value));
      else context.moveTo(x(row), y(value));
      pen = true;
    }
  });
  context.strokeStyle = color;
  context.lineWidth = width;
  context.lineJoin = "round";
  context.stroke();
}

function rangeOf(...curves) {
  let [low, high] = [Infinity, -Infinity];
  for (const curve of curves) {
    for (const value of curve) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  if (!Number.isFinite(low)) return [-1, 1];
  const lack = Math.max(0, LEAST_SPAN - (high - low)) / 2;
  return [low - lack, high + lack];
}

// The row nearest to a time, in rising times.
function nearest(times, time_s) {
  let [low, high] = [0, times.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (times[middle] <= time_s) low = middle;
    else high = middle;
  }
  return times[high] - time_s < time_s - times[low] ? high : low;
}

function written(value) {
  return Number.isNaN(value) ? "–" : value.toFixed(2).replace(/^-(?!0\.00$)/, "−").replace("-", "");
}

function unitName(unit) {
  return unit === "1" ? "parts of its stroke" : unit;
}
