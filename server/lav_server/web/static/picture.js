/** The frame, before and after, with the amount applied here: no server is asked for a slider. */

import { el } from "./element.js";

/** Codes of after = before · (full / before)^amount. A power curve leaves this form as it is, so
    it holds for code values as for light. */
function blend(before, full, amount, into) {
  const [kept, lit] = [powers(1 - amount), powers(amount)];
  for (let at = 0; at < before.length; at += 4)
    for (let part = at; part < at + 3; part++)
      into[part] = kept[before[part]] * lit[full[part]] + 0.5;
}

const powers = (exponent) => Float64Array.from({ length: 256 }, (_, code) => code ** exponent);

export class Picture {
  constructor() {
    this.canvas = el("canvas", {
      class: "picture",
      width: 960,
      height: 540,
      role: "img",
      "aria-label": "No clip is open",
    });
    this.pen = this.canvas.getContext("2d", { willReadFrequently: true });
    this.before = this.full = this.overlay = null;
    this.amount = 1;
    this.showsSource = false;
  }

  /** The source's frame. What was lit belongs to another frame, so it goes. */
  setSource(bitmap) {
    this.resize(bitmap);
    this.before = this.read(bitmap);
    this.full = this.overlay = null;
    this.draw();
  }

  setLit(bitmap) {
    if (!this.before) return;
    this.full = this.read(bitmap);
    this.draw();
  }

  set(changes) {
    Object.assign(this, changes);
    this.draw();
  }

  resize({ width, height }) {
    if (this.canvas.width !== width) this.canvas.width = width;
    if (this.canvas.height !== height) this.canvas.height = height;
    this.canvas.parentElement?.style.setProperty("--aspect", width / height);
  }

  read(bitmap) {
    const { width, height } = this.canvas;
    this.pen.drawImage(bitmap, 0, 0, width, height);
    return this.pen.getImageData(0, 0, width, height);
  }

  draw() {
    cancelAnimationFrame(this.due);
    this.due = requestAnimationFrame(() => this.paint());
  }

  paint() {
    if (!this.before) return;
    this.pen.putImageData(this.shown(), 0, 0);
    if (this.overlay && !this.showsSource)
      this.pen.drawImage(this.overlay, 0, 0, this.canvas.width, this.canvas.height);
    this.canvas.dataset.shows = this.showsSource || !this.full ? "source" : "light";
  }

  shown() {
    if (this.showsSource || !this.full || this.amount === 0) return this.before;
    if (this.amount === 1) return this.full;
    const { width, height } = this.canvas;
    const mixed = new ImageData(new Uint8ClampedArray(this.before.data), width, height);
    blend(this.before.data, this.full.data, this.amount, mixed.data);
    return mixed;
  }
}
