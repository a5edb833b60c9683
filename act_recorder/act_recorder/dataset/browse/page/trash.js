// SPDX-License-Identifier: Apache-2.0
// Deleted episodes, and the way back for each.

import { count, element } from "./text.js";

export class Trash {
  constructor(details, onRestore) {
    this.details = details;
    this.onRestore = onRestore;
    this.shown = "";
  }

  show(deleted) {
    const text = JSON.stringify(deleted);
    if (text === this.shown) return;
    this.shown = text;
    this.details.hidden = deleted.length === 0;
    this.details.querySelector("summary").textContent = `${count(deleted.length, "episode")} in .trash`;
    const items = deleted.map(({ key, name }) => {
      const button = element("button", {}, "Restore");
      button.setAttribute("aria-label", `Restore ${name}`);
      button.addEventListener("click", () => this.onRestore(key));
      return element("li", {}, element("span", {}, name), button);
    });
    this.details.querySelector("ul").replaceChildren(...items);
  }
}
