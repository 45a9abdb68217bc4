/** The Relight view: a clip, its light, and what becomes of it. */

import { Ball } from "./ball.js";
import { button, el } from "./element.js";
import { Field } from "./field.js";
import { Lamps } from "./lamps.js";
import { LightFile } from "./lightfile.js";
import { Mask } from "./mask.js";
import { trying } from "./message.js";
import { Opening } from "./opening.js";
import { Pad } from "./pad.js";
import { Picture } from "./picture.js";
import { Previews } from "./previews.js";
import { Prompt } from "./prompt.js";
import { Render } from "./render.js";
import { Scrubber } from "./scrubber.js";
import { Sheet } from "./sheet.js";
import { Whole } from "./whole.js";

const TYPED = "input[type=text], input[type=number], textarea, select";

export class Relight {
  static title = "Relight";

  constructor(page) {
    const scene = (this.scene = page.scene);
    this.picture = new Picture();
    this.ball = new Ball();
    this.opening = new Opening(scene);
    this.scrubber = new Scrubber(scene);
    const shade = el("div", { class: "frame" }, this.picture.canvas, new Pad(scene).element);
    shade.append(this.ball.canvas, el("p", { class: "hint" }, "Drop a clip here"));
    this.stage = el("div", { class: "stage" }, shade);
    const busy = (isBusy) => this.stage.setAttribute("aria-busy", String(isBusy));
    const previews = new Previews(scene, this.picture, page.jobs, busy);
    const sheet = new Sheet(scene, page.info.presets);
    const table = [this.stage, this.line(previews), this.scrubber.element, sheet.element];
    const side = [this.opening.element, page.host.element, this.controls(page)];
    this.element = el(
      "div",
      { class: "relight" },
      el("div", { class: "table" }, table),
      el("div", { class: "side" }, side),
    );
    scene.on(["light", "frame"], () => this.ball.draw(scene.now));
    scene.on(["amount"], () => this.drawAmount());
    scene.on(["clip"], () => this.element.classList.toggle("empty", !scene.clip));
    addEventListener("keydown", (event) => this.pressed(event, true));
    addEventListener("blur", () => this.showSource(false));
    addEventListener("keyup", (event) => this.pressed(event, false));
  }

  /** What is right under the picture. */
  line(previews) {
    const { scene } = this;
    const shown = { title: "Hold to see the source (W)", "aria-pressed": "false" };
    this.before = button("Before", () => {}, shown);
    for (const name of ["pointerdown", "pointerup", "pointerleave"])
      this.before.addEventListener(name, () => this.showSource(name === "pointerdown"));
    const pad = { title: "Show the light pad", "aria-pressed": "true" };
    const onInput = (percent) => scene.set({ amount: percent / 100 });
    this.amount = new Field({ label: "Amount", low: 0, high: 100, unit: "%", onInput });
    return el(
      "div",
      { class: "line under" },
      this.before,
      button("Pad", (event) => this.togglePad(event.target), pad),
      this.amount.element,
      previews.state,
    );
  }

  controls(page) {
    const { scene } = this;
    const parts = [
      new Prompt(scene, page.info),
      new Lamps(scene),
      new Whole(scene),
      new Mask(scene, this.picture, page.info),
      new LightFile(scene),
    ].map((part) => part.element);
    const render = new Render(scene, page);
    return el("div", { class: "controls" }, parts, render.element, render.act);
  }

  show({ clip }) {
    trying(() => this.opening.open(clip))();
  }

  drawAmount() {
    this.amount.show(100 * this.scene.amount);
    this.picture.set({ amount: this.scene.amount });
  }

  showSource(showsSource) {
    this.before.setAttribute("aria-pressed", String(showsSource));
    this.picture.set({ showsSource });
  }

  togglePad(button) {
    const isHidden = this.element.classList.toggle("padless");
    button.setAttribute("aria-pressed", String(!isHidden));
  }

  pressed(event, isDown) {
    if (this.element.hidden || event.target.matches(TYPED)) return;
    const key = event.key.toLowerCase();
    if (key === "w") return this.showSource(isDown);
    const act =
      isDown && (event.ctrlKey || event.metaKey ? this.steps(event)[key] : this.acts[key]);
    if (!act) return;
    event.preventDefault();
    act();
  }

  get acts() {
    const { scene, scrubber } = this;
    return {
      i: () => scrubber.setIn(),
      o: () => scrubber.setOut(),
      k: () => scrubber.toggleKey(),
      ",": () => scrubber.to(scene.frame - 1),
      ".": () => scrubber.to(scene.frame + 1),
    };
  }

  steps({ shiftKey }) {
    return { z: () => (shiftKey ? this.scene.redo() : this.scene.undo()) };
  }
}
