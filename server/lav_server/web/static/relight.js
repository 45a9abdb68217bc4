/** The Relight view: a clip, its light, and what becomes of it. */

import { bitmap, call, frame, series } from "./api.js";
import { Ball } from "./ball.js";
import { button, el } from "./element.js";
import { Field } from "./field.js";
import { Lamps } from "./lamps.js";
import { LightFile } from "./lightfile.js";
import { Mask } from "./mask.js";
import { complain, trying } from "./message.js";
import { Newest } from "./newest.js";
import { Opening } from "./opening.js";
import { Pad } from "./pad.js";
import { Picture } from "./picture.js";
import { Prompt } from "./prompt.js";
import { Render } from "./render.js";
import { Scene } from "./scene.js";
import { Scrubber } from "./scrubber.js";
import { Sheet } from "./sheet.js";
import { Whole } from "./whole.js";
import { baseName } from "./words.js";

const WIDEST = 960; // pixels of a preview: more than this is not seen on a pad

export class Relight {
  static title = "Relight";

  constructor(page) {
    this.page = page;
    const scene = (this.scene = page.scene = new Scene());
    this.picture = new Picture();
    this.ball = new Ball();
    this.pad = new Pad(scene);
    this.scrubber = new Scrubber(scene);
    this.opening = new Opening(scene);
    this.amount = new Field({ label: "Amount", low: 0, high: 100, unit: "%", onInput: (percent) => scene.set({ amount: percent / 100 }) });
    this.before = button("Before", () => {}, { title: "Hold to see the source (W)", "aria-pressed": "false" });
    this.state = el("span", { class: "quiet", role: "status" });
    this.element = this.laidOut(page);
    this.sources = new Newest((asked) => frame(asked.path, asked.frame, WIDEST), (got, asked) => this.gotSource(got, asked), complain);
    this.previews = new Newest((asked) => this.previewed(asked), (got, asked) => this.gotLit(got, asked), (problem) => this.refused(problem), (isBusy) => this.stage.setAttribute("aria-busy", String(isBusy)));
    this.watch();
  }

  laidOut(page) {
    const { scene } = this;
    this.stage = el("div", { class: "stage" }, el("div", { class: "frame" }, this.picture.canvas, this.pad.element, this.ball.canvas));
    const line = el("div", { class: "line under" }, this.before, button("Pad", (event) => this.togglePad(event.target), { "aria-pressed": "true", title: "Show the light pad" }), this.amount.element, this.state);
    const table = el("div", { class: "table" }, this.stage, line, this.scrubber.element, new Sheet(scene, page.info.presets).element);
    const side = el("div", { class: "side" }, this.opening.element, page.host.element, this.controls(page));
    return el("div", { class: "relight" }, table, side);
  }

  controls(page) {
    const { scene } = this;
    const parts = [new Prompt(scene, page.info), new Lamps(scene), new Whole(scene), new Mask(scene, this.picture, page.info), new LightFile(scene)];
    const render = new Render(scene, page);
    return el("div", { class: "controls" }, parts.map((part) => part.element), render.element, render.act);
  }

  watch() {
    const { scene } = this;
    scene.on(["clip", "frame"], () => this.askSource());
    scene.on(["clip", "frame", "light", "mask", "scope"], () => this.askLit());
    scene.on(["light", "frame"], () => this.ball.draw(scene.now));
    scene.on(["amount"], () => (this.amount.show(100 * scene.amount), this.picture.set({ amount: scene.amount })));
    scene.on(["clip"], () => this.element.classList.toggle("empty", !scene.clip));
    scene.on(["engine"], () => this.told());
    for (const [name, shows] of Object.entries({ pointerdown: true, pointerup: false, pointerleave: false })) this.before.addEventListener(name, () => this.showSource(shows));
    addEventListener("keydown", (event) => this.pressed(event, true));
    addEventListener("keyup", (event) => this.pressed(event, false));
  }

  show({ clip }) {
    trying(() => this.opening.open(clip))();
  }

  askSource() {
    const { clip, frame } = this.scene;
    if (clip) this.sources.want({ path: clip.path, frame });
  }

  gotSource(bitmap, { path, frame }) {
    if (path !== this.scene.clip.path || frame !== this.scene.frame) return;
    this.picture.setSource(bitmap);
    this.picture.canvas.setAttribute("aria-label", `${baseName(path)}, frame ${frame}, relit`);
    this.sourceOf = frame;
    if (this.litEarly?.frame === frame) this.picture.setLit(this.litEarly.picture);
  }

  askLit() {
    const { clip, frame, asked, mask, scope } = this.scene;
    if (clip) this.previews.want({ path: clip.path, media_frame: frame, light: asked, mask, scope, width: WIDEST, series: series("pad") });
  }

  async previewed(asked) {
    const answer = await call("Preview", asked);
    return { ...answer, picture: await bitmap(answer.image) };
  }

  gotLit({ picture, light, seconds }, { path, media_frame: frame }) {
    const { scene } = this;
    if (path !== scene.clip.path || frame !== scene.frame) return;
    this.litEarly = { frame, picture };
    if (this.sourceOf === frame) this.picture.setLit(picture);
    if (light.exposure !== undefined && light.exposure !== scene.solved) scene.set({ solved: light.exposure });
    this.told(seconds);
  }

  refused(problem) {
    this.state.textContent = "No preview";
    complain(problem);
  }

  told(seconds = this.seconds) {
    this.seconds = seconds;
    const note = this.scene.engine === "draft" ? "" : " · the pad shows Draft, the render is the engine's own";
    this.state.textContent = seconds === undefined ? "" : `Preview in ${Math.round(1000 * seconds)} ms${note}`;
  }

  showSource(showsSource) {
    this.before.setAttribute("aria-pressed", String(showsSource));
    this.picture.set({ showsSource });
  }

  togglePad(button) {
    const isShown = this.element.classList.toggle("padless");
    button.setAttribute("aria-pressed", String(!isShown));
  }

  pressed(event, isDown) {
    if (this.element.hidden || isTyping(event.target)) return;
    const key = event.key.toLowerCase();
    if (key === "w") return this.showSource(isDown);
    if (!isDown) return;
    const acts = {
      i: () => this.scrubber.setIn(),
      o: () => this.scrubber.setOut(),
      k: () => this.scrubber.toggleKey(),
      ",": () => this.scrubber.to(this.scene.frame - 1),
      ".": () => this.scrubber.to(this.scene.frame + 1),
    };
    const withControl = { z: () => (event.shiftKey ? this.scene.redo() : this.scene.undo()) };
    const act = event.ctrlKey || event.metaKey ? withControl[key] : acts[key];
    if (!act) return;
    event.preventDefault();
    act();
  }
}

const isTyping = (target) => target.matches("input[type=text], input[type=number], textarea, select");
