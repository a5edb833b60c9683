// SPDX-License-Identifier: Apache-2.0
// The row that is shown, and how it moves: by hand, or with the time of the recording.

// A tab in the background or a slow computer: go on from there instead of jumping.
const LONGEST_STEP_S = 0.1;

export class Player {
  // onRow(row) shows a row; isReady(row) says whether its images are here; onPlaying(playing).
  constructor(onRow, isReady, onPlaying) {
    Object.assign(this, { onRow, isReady, onPlaying });
    this.times = new Float32Array(0);
    this.row = 0;
    this.time_s = 0;
    this.speed = 1;
    this.playing = false;
    this.last_ms = 0;
  }

  open(times) {
    this.pause();
    this.times = times;
    this.seek(0);
  }

  seek(row) {
    if (!this.times.length) return;
    this.row = Math.max(0, Math.min(this.times.length - 1, row));
    this.time_s = this.times[this.row];
    this.onRow(this.row);
  }

  step(rows) {
    this.pause();
    this.seek(this.row + rows);
  }

  toggle() {
    if (this.playing) this.pause();
    else this.play();
  }

  play() {
    if (this.playing || this.times.length < 2) return;
    if (this.row === this.times.length - 1) this.seek(0);
    this.playing = true;
    this.last_ms = performance.now();
    this.onPlaying(true);
    requestAnimationFrame((now_ms) => this.tick(now_ms));
  }

  pause() {
    if (!this.playing) return;
    this.playing = false;
    this.onPlaying(false);
  }

  tick(now_ms) {
    if (!this.playing) return;
    const step_s = Math.min(Math.max(0, now_ms - this.last_ms) / 1000, LONGEST_STEP_S);
    this.last_ms = now_ms;
    const aim_s = this.time_s + step_s * this.speed;
    let row = this.row;
    while (row + 1 < this.times.length && this.times[row + 1] <= aim_s && this.isReady(row + 1)) {
      row += 1;
    }
    const next = row + 1;
    const waits = next < this.times.length && this.times[next] <= aim_s;
    this.time_s = waits ? this.times[row] : aim_s;
    if (row !== this.row) {
      this.row = row;
      this.onRow(row);
    }
    if (next >= this.times.length) this.pause();
    else requestAnimationFrame((later_ms) => this.tick(later_ms));
  }
}
