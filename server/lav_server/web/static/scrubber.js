/** Through the clip: the frame that is shown, the range that is relit, the light's keyframes. */

import { button, el } from "./element.js";
import { withKey, withoutKey } from "./rig.js";
import { frames } from "./words.js";

export class Scrubber {
  constructor(scene) {
    this.scene = scene;
    this.slider = el("input", {
      type: "range",
      min: 0,
      step: 1,
      "aria-label": "Frame",
      oninput: () => this.to(Number(this.slider.value)),
    });
    this.number = el("input", {
      type: "number",
      min: 0,
      step: 1,
      "aria-label": "Frame number",
      onchange: () => this.to(Number(this.number.value)),
    });
    this.range = el("div", { class: "range" });
    this.marks = el("div", {
      class: "marks",
      role: "group",
      "aria-label": "Keyframes of the light",
    });
    this.about = el("span", { class: "quiet" });
    this.key = button("Add keyframe", () => this.toggleKey(), { title: "K" });
    const near = (text, label, step) =>
      button(text, () => this.to(scene.frame + step), { "aria-label": label, class: "quiet" });
    this.element = el(
      "div",
      { class: "scrubber", role: "group", "aria-label": "Clip" },
      el("div", { class: "strip" }, this.range, this.slider, this.marks),
      el(
        "div",
        { class: "line" },
        near("‹", "One frame back", -1),
        this.number,
        near("›", "One frame on", 1),
        button("In", () => this.setIn(), { title: "Relight from here (I)" }),
        button("Out", () => this.setOut(), { title: "Relight to here (O)" }),
        this.about,
        this.key,
      ),
    );
    scene.on(["clip", "frame", "first", "end", "light"], () => this.draw());
  }

  get last() {
    return Math.max(0, Number(this.scene.clip?.frames ?? 1) - 1);
  }

  to(frame) {
    if (this.scene.clip)
      this.scene.set({ frame: Math.min(this.last, Math.max(0, Math.round(frame))) });
  }

  setIn() {
    const { frame, end } = this.scene;
    this.scene.set({ first: frame, end: end > frame ? end : this.last + 1 });
  }

  setOut() {
    const { frame, first } = this.scene;
    this.scene.set({ end: frame + 1, first: first <= frame ? first : 0 });
  }

  get isKeyed() {
    return this.scene.light.keys.some((key) => key.media_frame === this.scene.frame);
  }

  toggleKey() {
    const { light, frame, now } = this.scene;
    this.scene.relight(this.isKeyed ? withoutKey(light, frame) : withKey(light, frame, now));
  }

  draw() {
    const { clip, frame, first, end, light } = this.scene;
    this.element.hidden = !clip;
    this.slider.max = this.number.max = this.last;
    this.slider.value = this.number.value = frame;
    this.slider.setAttribute("aria-valuetext", `frame ${frame} of ${this.last}`);
    this.range.style.left = place(first, this.last);
    this.range.style.right = `calc(100% - ${place(Math.max(end - 1, first), this.last)})`;
    this.about.textContent = `Relights ${frames(end - first)}, ${first} to ${end - 1}`;
    this.key.textContent = this.isKeyed ? "Remove keyframe" : "Add keyframe";
    this.drawMarks(light.keys);
  }

  drawMarks(keys) {
    const numbers = keys.map((key) => key.media_frame);
    const wanted = `${numbers} ${this.last} ${this.scene.frame}`;
    if (wanted === this.drawn) return;
    this.drawn = wanted;
    this.marks.replaceChildren(...numbers.map((number) => this.mark(number)));
  }

  mark(number) {
    const isHere = number === this.scene.frame;
    const made = button("◆", () => this.to(number), {
      class: isHere ? "here" : "",
      "aria-label": `Keyframe at ${number}`,
      title: `Keyframe at ${number}`,
    });
    made.style.left = place(number, this.last);
    return made;
  }
}

/** Where the slider's thumb stands for a frame. */
const place = (frame, last) => `calc(7px + (100% - 14px) * ${last ? frame / last : 0})`;
