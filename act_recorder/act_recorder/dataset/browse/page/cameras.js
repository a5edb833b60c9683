// SPDX-License-Identifier: Apache-2.0
// The pictures of all cameras, always of one and the same row.

import { element } from "./text.js";

export class Cameras {
  constructor(container) {
    this.container = container;
    this.canvases = [];
    this.busy = false;
    this.wanted = null;
  }

  show(cameras) {
    this.canvases = cameras.map(({ name, width_px, height_px }) => {
      const canvas = element("canvas", { width: width_px, height: height_px });
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", `Camera ${name}`);
      return canvas;
    });
    const figures = cameras.map((camera, i) => {
      const size = `${camera.width_px}×${camera.height_px}`;
      const lost = camera.counts?.frames_lost ?? 0;
      const text = lost ? `${camera.name}  ${size}, ${lost} lost` : `${camera.name}  ${size}`;
      const figure = element("figure", {}, this.canvases[i], element("figcaption", {}, text));
      return figure;
    });
    this.container.dataset.count = cameras.length;
    this.container.replaceChildren(...figures);
    this.wanted = null;
  }

  // Draw a row; while one is being decoded, only the newest waits.
  async draw(row, images) {
    this.wanted = { row, images };
    if (this.busy) return;
    this.busy = true;
    while (this.wanted) {
      const { row: next, images: blobs } = this.wanted;
      const canvases = this.canvases;
      this.wanted = null;
      const pictures = await Promise.all(blobs.map(decoded));
      if (canvases === this.canvases) pictures.forEach((each, i) => paint(canvases[i], each, next));
      pictures.forEach((picture) => picture?.close());
    }
    this.busy = false;
  }
}

async function decoded(blob) {
  try {
    return blob && (await createImageBitmap(blob));
  } catch {
    return null; // damaged
  }
}

function paint(canvas, picture, row) {
  const context = canvas.getContext("2d");
  if (picture) {
    context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  } else {
    context.clearRect(0, 0, canvas.width, canvas.height);
  }
  canvas.classList.toggle("damaged", !picture);
  canvas.dataset.row = row;
}
