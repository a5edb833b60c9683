// SPDX-License-Identifier: Apache-2.0
// The images around the row that is shown, still as JPEG: a few megabytes however long the episode.

import { getBytes } from "./server.js";

const BATCH_ROWS = 8;
const AHEAD_ROWS = 64;
const BEHIND_ROWS = 16;
const MOST_REQUESTS = 3;

export class Frames {
  constructor(key, version, numFrames, numCameras, onArrival) {
    Object.assign(this, { key, version, numFrames, numCameras, onArrival });
    this.rows = new Map(); // row → one JPEG a camera, null where it is damaged
    this.asked = new Map(); // first row of a batch → what aborts its request
    this.failed = new Set();
    this.around = 0;
    this.closed = false;
  }

  // The images of a row, undefined until they are here.
  at(row) {
    return this.rows.get(row);
  }

  // Load what is around `row`, that one first; forget what is far from it.
  want(row) {
    this.around = row;
    const first = Math.max(0, row - BEHIND_ROWS);
    const last = Math.min(this.numFrames - 1, row + AHEAD_ROWS);
    for (const each of this.rows.keys()) {
      if (each < first - BATCH_ROWS || each > last + BATCH_ROWS) this.rows.delete(each);
    }
    for (const [batch, request] of this.asked) {
      if (batch + BATCH_ROWS < first || batch > last) request.abort();
    }
    for (let batch = row - (row % BATCH_ROWS); batch <= last; batch += BATCH_ROWS) {
      if (this.asked.size >= MOST_REQUESTS) return;
      if (!this.asked.has(batch) && !this.failed.has(batch) && !this.has(batch)) this.load(batch);
    }
  }

  has(batch) {
    const end = Math.min(batch + BATCH_ROWS, this.numFrames);
    for (let row = batch; row < end; row += 1) if (!this.rows.has(row)) return false;
    return true;
  }

  async load(batch) {
    const request = new AbortController();
    this.asked.set(batch, request);
    const path = `/api/episodes/${this.key}/frames/${batch}/${BATCH_ROWS}?v=${this.version}`;
    try {
      this.take(batch, await getBytes(path, request.signal));
    } catch (error) {
      if (error.name !== "AbortError") this.fail(batch, error);
    } finally {
      this.asked.delete(batch);
    }
    if (this.closed) return;
    this.want(this.around);
    this.onArrival();
  }

  // Rows of a batch, each camera's JPEG behind its length.
  take(batch, buffer) {
    const view = new DataView(buffer);
    let at = 0;
    for (let row = batch; at < buffer.byteLength; row += 1) {
      const images = [];
      for (let camera = 0; camera < this.numCameras; camera += 1) {
        const length = view.getUint32(at, true);
        const data = new Uint8Array(buffer, at + 4, length);
        images.push(length ? new Blob([data], { type: "image/jpeg" }) : null);
        at += 4 + length;
      }
      this.rows.set(row, images);
    }
  }

  fail(batch, error) {
    this.failed.add(batch);
    const end = Math.min(batch + BATCH_ROWS, this.numFrames);
    for (let row = batch; row < end; row += 1) {
      this.rows.set(row, new Array(this.numCameras).fill(null));
    }
    this.error = error;
  }

  close() {
    this.closed = true;
    for (const request of this.asked.values()) request.abort();
    this.rows.clear();
  }
}
