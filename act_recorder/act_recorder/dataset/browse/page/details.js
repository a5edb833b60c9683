// SPDX-License-Identifier: Apache-2.0
// What is said of the open episode, and the means to say something else.

import { defectsOf, element, stateText } from "./text.js";

export class Details {
  // actions: judge(verdict), label(labels), remove(), close(), neighbour(step)
  constructor(section, actions) {
    const find = (name) => section.querySelector(`#${name}`);
    this.name = find("name");
    this.fault = find("fault");
    this.judging = find("judging");
    this.buttons = [...find("verdict").querySelectorAll("button")];
    this.form = find("labels");
    this.findings = find("findings");
    this.facts = find("facts");
    this.delete = find("delete");
    this.labels = [];
    this.actions = actions;
    for (const button of this.buttons) {
      button.addEventListener("click", () => actions.judge(button.dataset.verdict));
    }
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.addLabel(this.form.elements.label.value.trim());
    });
    this.delete.addEventListener("click", () => actions.remove());
    find("close").addEventListener("click", () => actions.close());
    find("previous").addEventListener("click", () => actions.neighbour(-1));
    find("next").addEventListener("click", () => actions.neighbour(1));
  }

  show(row) {
    const state = row.state === "whole" ? "" : stateText(row);
    this.name.textContent = [row.name, row.task, state].filter(Boolean).join(" · ");
    this.fault.hidden = row.state !== "broken" && row.state !== "recording";
    this.fault.textContent =
      row.state === "recording" ? "A recorder is writing this episode." : row.fault;
    this.delete.disabled = row.state === "recording";
    this.judging.hidden = row.state !== "whole";
    for (const button of this.buttons) {
      button.ariaPressed = String(button.dataset.verdict === row.verdict);
      button.disabled = !row.is_ours;
    }
    this.showLabels(row);
    this.showFindings(row);
  }

  showLabels(row) {
    this.labels = row.labels;
    const input = this.form.elements.label;
    input.disabled = !row.is_ours;
    input.placeholder = row.is_ours ? "Add a label" : "no place for labels in this file";
    const chips = row.labels.map((label) => {
      const remove = element("button", { type: "button", title: `Remove ${label}` }, "✕");
      remove.setAttribute("aria-label", `Remove label ${label}`);
      remove.addEventListener("click", () => {
        this.actions.label(this.labels.filter((each) => each !== label));
      });
      return element("li", { className: "chip" }, label, remove);
    });
    this.form.querySelector("ul").replaceChildren(...chips);
  }

  addLabel(label) {
    this.form.elements.label.value = "";
    if (label && !this.labels.includes(label)) this.actions.label([...this.labels, label]);
  }

  showFindings(row) {
    const found = row.state === "broken" ? [] : defectsOf(row);
    const items = found.map((defect) => {
      const code = element("span", { className: "chip" }, defect.code);
      code.dataset.severity = defect.severity;
      return element("li", {}, code, ` ${defect.text}`);
    });
    this.findings.replaceChildren(...items);
    this.findings.hidden = items.length === 0;
  }

  showFacts(facts, cameras) {
    const repeated = cameras
      .filter((camera) => camera.counts?.frames_repeated)
      .map((camera) => `${camera.name} ${camera.counts.frames_repeated}`);
    const all = repeated.length ? [...facts, ["repeated frames", repeated.join(", ")]] : facts;
    const pairs = all.map(([name, text]) => {
      return element("div", {}, element("dt", {}, name), element("dd", {}, text));
    });
    this.facts.replaceChildren(...pairs);
  }
}
