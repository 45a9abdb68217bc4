/** Before and after on one canvas: a wipe, side by side, or what differs. */

import { COMPARISONS } from "./comparisons.js";
import { button, el } from "./element.js";
import { complain } from "./message.js";
import { Pair } from "./pair.js";
import { rate } from "./words.js";

export class Wipe {
  split = 0.5;
  mode = "wipe";
  isSwapped = false;

  constructor() {
    this.pair = new Pair(() => this.draw());
    this.canvas = el("canvas", { role: "img", "aria-label": "Before and after" });
    this.pen = this.canvas.getContext("2d");
    this.handle = slider("Wipe", { max: 1, step: 0.005, value: 0.5 }, (split) =>
      this.set({ split }),
    );
    this.seeker = slider("Frame", { step: 1, value: 0 }, (number) => this.pair.seek(number));
    this.frame = el("span", { class: "quiet" });
    this.player = button("Play", () => this.toggle(), { title: "Space" });
    this.modes = {
      swap: button("Swap", () => this.set({ isSwapped: !this.isSwapped }), { title: "Hold W" }),
      difference: button("Difference", () => this.change("difference"), { title: "D" }),
      sides: button("Side by side", () => this.change("sides"), { title: "S" }),
    };
    this.before = el("span", { class: "tag left" });
    this.after = el("span", { class: "tag right" });
    const drags = {
      onpointerdown: (event) => this.grab(event),
      onpointermove: (event) => this.drag(event),
    };
    const stage = [...this.pair.videos, this.canvas, this.before, this.after];
    const line = [this.player, this.seeker, this.frame, ...Object.values(this.modes)];
    this.element = el(
      "div",
      { class: "wipe", hidden: true },
      el("div", { class: "stage", ...drags }, stage),
      this.handle,
      el("div", { class: "line" }, line),
    );
  }

  /** Two copies of the same frames; `clip` is the range they show. */
  play(source, take, clip) {
    this.first = Number(clip.first ?? 0);
    this.seeker.max = Number(clip.count) - 1;
    this.pair.play(source, take, rate(clip.rate));
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
    if (this.pair.isPlaying) return this.pause();
    this.player.textContent = "Pause";
    this.pair
      .run()
      .catch((error) => (this.pause(), error.name === "AbortError" || complain(error)));
  }

  pause() {
    this.player.textContent = "Play";
    this.pair.pause();
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
    if (key === "w" && !event.repeat) return this.hold(isDown);
    if (!isDown || event.repeat || event.ctrlKey || event.metaKey) return;
    if (key === "d") this.change("difference");
    if (key === "s") this.change("sides");
    if (key === " " && !event.target.matches("button, input")) {
      event.preventDefault();
      this.toggle();
    }
  }

  /** Swaps while W is held; a window that loses it hears no release. */
  hold(isHeld) {
    if (isHeld === Boolean(this.isHeld)) return;
    this.isHeld = isHeld;
    this.set({ isSwapped: isHeld });
  }

  draw() {
    const [source, take] = this.pair.pictures;
    const { width, height } = take;
    if (!this.pair.shown) return;
    const across = this.mode === "sides" ? 2 * width : width;
    if (this.canvas.width !== across || this.canvas.height !== height)
      Object.assign(this.canvas, { width: across, height });
    const [left, right] = this.isSwapped ? [take, source] : [source, take];
    COMPARISONS[this.mode](this.pen, left, right, width, height, this.split);
    this.tell();
  }

  tell() {
    const { number } = this.pair;
    this.seeker.value = number;
    this.handle.value = this.split;
    this.handle.hidden = this.mode !== "wipe";
    this.frame.textContent = `Frame ${this.first + number}`;
    const names = this.isSwapped ? ["After", "Before"] : ["Before", "After"];
    const shown = this.mode === "difference" ? ["Difference × 4", ""] : names;
    [this.before.textContent, this.after.textContent] = shown;
    const { swap, ...modes } = this.modes;
    for (const [name, one] of Object.entries(modes))
      one.setAttribute("aria-pressed", String(this.mode === name));
    swap.setAttribute("aria-pressed", String(this.isSwapped));
    this.canvas.dataset.frame = number;
  }
}

function slider(label, numbers, moved) {
  const made = el("input", {
    type: "range",
    min: 0,
    ...numbers,
    "aria-label": label,
    oninput: () => moved(Number(made.value)),
  });
  return made;
}
