/** Before and after on one canvas, frame by frame in step: a wipe, side by side, or what differs. */

import { button, el } from "./element.js";
import { rate } from "./words.js";

const DOUBLINGS = 2; // the difference is shown 4 times stronger

export class Wipe {
  constructor() {
    const video = () => el("video", { muted: true, playsinline: true, preload: "auto" });
    [this.source, this.take] = [video(), video()];
    this.source.muted = this.take.muted = true;
    this.canvas = el("canvas", { width: 960, height: 540, role: "img", "aria-label": "Before and after" });
    this.pen = this.canvas.getContext("2d");
    this.split = 0.5;
    this.mode = "wipe";
    this.handle = el("input", { type: "range", min: 0, max: 1, step: 0.005, value: 0.5, class: "split", "aria-label": "Wipe", oninput: () => this.set({ split: Number(this.handle.value) }) });
    this.seeker = el("input", { type: "range", min: 0, step: 1, value: 0, "aria-label": "Frame", oninput: () => this.seek(Number(this.seeker.value)) });
    this.frame = el("span", { class: "quiet" });
    this.player = button("Play", () => this.toggle(), { title: "Space" });
    this.modes = {
      swap: button("Swap", () => this.set({ isSwapped: !this.isSwapped }), { title: "Hold W" }),
      difference: button("Difference", () => this.change("difference"), { title: "D" }),
      sides: button("Side by side", () => this.change("sides"), { title: "S" }),
    };
    this.before = el("span", { class: "tag left" }, "Before");
    this.after = el("span", { class: "tag right" }, "After");
    this.source.hidden = this.take.hidden = true;
    this.stage = el("div", { class: "stage", onpointerdown: (event) => this.grab(event), onpointermove: (event) => this.drag(event) }, this.source, this.take, this.canvas, this.before, this.after);
    this.element = el("div", { class: "wipe", hidden: true }, this.stage, this.handle, el("div", { class: "line" }, this.player, this.seeker, this.frame, Object.values(this.modes)));
    for (const name of ["seeked", "loadeddata"]) for (const one of [this.source, this.take]) one.addEventListener(name, () => this.draw());
    this.take.addEventListener("ended", () => this.again());
  }

  /** Two copies of the same frames; `clip` is the range they show. */
  play(source, take, clip) {
    this.fps = rate(clip.rate);
    this.count = Number(clip.count);
    this.first = Number(clip.first ?? 0);
    this.seeker.max = this.count - 1;
    this.source.src = source;
    this.take.src = take;
    this.seek(0);
  }

  clear() {
    this.pause();
    this.pen.clearRect(0, 0, this.canvas.width, this.canvas.height);
  }

  set(changes) {
    Object.assign(this, changes);
    this.draw();
  }

  change(mode) {
    this.set({ mode: this.mode === mode ? "wipe" : mode });
  }

  toggle() {
    if (this.isPlaying) this.pause();
    else this.run();
  }

  async run() {
    this.isPlaying = true;
    this.player.textContent = "Pause";
    await Promise.all([this.source.play(), this.take.play()]).catch(() => this.pause());
    this.follow();
  }

  pause() {
    this.isPlaying = false;
    this.player.textContent = "Play";
    this.source.pause();
    this.take.pause();
    if (this.fps) this.seek(this.number);
  }

  again() {
    this.source.currentTime = this.take.currentTime = 0;
    if (this.isPlaying) this.run();
  }

  /** The source follows the take: half a frame off, and it is put right. */
  follow() {
    if (!this.isPlaying) return;
    const off = this.take.currentTime - this.source.currentTime;
    if (Math.abs(off) > 2 / this.fps) this.source.currentTime = this.take.currentTime;
    else this.source.playbackRate = Math.abs(off) > 0.25 / this.fps ? 1 + Math.max(-0.5, Math.min(0.5, off * 4)) : 1;
    this.draw();
    requestAnimationFrame(() => this.follow());
  }

  /** To the middle of a frame, where rounding shows no neighbour. */
  seek(number) {
    this.source.playbackRate = 1;
    this.source.currentTime = this.take.currentTime = (number + 0.5) / this.fps;
    this.number = number;
    this.draw();
  }

  grab(event) {
    if (this.mode !== "wipe") return;
    event.currentTarget.setPointerCapture(event.pointerId);
    this.drag(event);
  }

  drag(event) {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const box = this.canvas.getBoundingClientRect();
    this.set({ split: Math.min(1, Math.max(0, (event.clientX - box.x) / box.width)) });
  }

  pressed(event, isDown) {
    if (event.target.matches("input[type=text], textarea, select")) return;
    const key = event.key.toLowerCase();
    if (key === "w" && !event.repeat) return this.set({ isSwapped: isDown });
    if (!isDown || event.repeat || event.ctrlKey || event.metaKey) return;
    if (key === "d") this.change("difference");
    if (key === "s") this.change("sides");
    if (key === " " && !event.target.matches("button, input")) {
      event.preventDefault();
      this.toggle();
    }
  }

  draw() {
    const { videoWidth: width, videoHeight: height } = this.take;
    if (!width || this.source.readyState < 2 || this.take.readyState < 2) return;
    if (this.isPlaying) this.number = Math.min(this.count - 1, Math.floor(this.take.currentTime * this.fps));
    const across = this.mode === "sides" ? 2 * width : width;
    if (this.canvas.width !== across || this.canvas.height !== height) Object.assign(this.canvas, { width: across, height });
    const [left, right] = this.isSwapped ? [this.take, this.source] : [this.source, this.take];
    DRAWN[this.mode](this.pen, left, right, width, height, this.split);
    this.tell();
  }

  tell() {
    this.seeker.value = this.number;
    this.handle.value = this.split;
    this.handle.hidden = this.mode !== "wipe";
    this.frame.textContent = `Frame ${this.first + this.number}`;
    const names = this.isSwapped ? ["After", "Before"] : ["Before", "After"];
    const shown = this.mode === "difference" ? ["Difference × 4", ""] : names;
    [this.before.textContent, this.after.textContent] = shown;
    for (const name of ["difference", "sides"]) this.modes[name].setAttribute("aria-pressed", String(this.mode === name));
    this.modes.swap.setAttribute("aria-pressed", String(Boolean(this.isSwapped)));
    this.canvas.dataset.frame = this.number;
  }
}

const DRAWN = {
  wipe(pen, left, right, width, height, split) {
    const edge = Math.round(split * width);
    pen.drawImage(right, 0, 0, width, height);
    if (edge > 0) pen.drawImage(left, 0, 0, edge * (left.videoWidth / width), left.videoHeight, 0, 0, edge, height);
    pen.fillStyle = "rgb(255 255 255 / 80%)";
    if (edge > 0 && edge < width) pen.fillRect(edge - 1, 0, 2, height);
  },
  sides(pen, left, right, width, height) {
    pen.drawImage(left, 0, 0, width, height);
    pen.drawImage(right, width, 0, width, height);
  },
  difference(pen, left, right, width, height) {
    pen.drawImage(left, 0, 0, width, height);
    pen.globalCompositeOperation = "difference";
    pen.drawImage(right, 0, 0, width, height);
    pen.globalCompositeOperation = "lighter";
    for (let times = 0; times < DOUBLINGS; times++) pen.drawImage(pen.canvas, 0, 0);
    pen.globalCompositeOperation = "source-over";
  },
};
