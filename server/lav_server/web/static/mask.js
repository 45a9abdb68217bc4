/** What is lit: everything, the subject or what is behind it; by the engine's eye or a mask. */

import { bitmap, call, series } from "./api.js";
import { button, choice, el } from "./element.js";
import { browse } from "./browse.js";
import { Field } from "./field.js";
import { complain, trying } from "./message.js";
import { Newest } from "./newest.js";
import { folderOf } from "./words.js";

const SCOPES = [
  ["SCOPE_BOTH", "Subject and background"],
  ["SCOPE_SUBJECT", "Subject only"],
  ["SCOPE_BACKGROUND", "Background only"],
  ["SCOPE_NEW_BACKGROUND", "New background"],
];
const OTHER = { SCOPE_SUBJECT: "SCOPE_BACKGROUND", SCOPE_BACKGROUND: "SCOPE_SUBJECT" };
const DARKER = -3; // EV between the two previews that tell what is in the mask

export class Mask {
  constructor(scene, picture, info) {
    Object.assign(this, { scene, picture, info });
    this.scope = choice("Part", SCOPES, (scope) => scene.set({ scope }));
    this.file = el("input", {
      type: "text",
      "aria-label": "Mask file",
      placeholder: "Automatic",
      onchange: () => scene.set({ mask: this.file.value.trim() }),
    });
    this.grow = new Field({
      label: "Grow",
      low: -10,
      high: 10,
      step: 0.25,
      unit: "%",
      digits: 2,
      onInput: (percent) => scene.set({ grow: percent / 100 }),
    });
    this.shows = el("input", { type: "checkbox", onchange: () => this.overlay() });
    this.invert = button("Invert", () => scene.set({ scope: OTHER[scene.scope] }), {
      class: "quiet",
      title: "Light the other part",
    });
    this.element = el(
      "details",
      {},
      el("summary", {}, "Subject and mask"),
      el("div", { class: "pair" }, this.scope.row, this.invert),
      el(
        "div",
        { class: "field" },
        el("span", {}, "Mask"),
        this.file,
        button(
          "Browse…",
          trying(() => this.pick()),
        ),
      ),
      el(
        "p",
        { class: "quiet" },
        "A still or a clip, white on the subject. Without one the engine finds the subject itself. " +
          "Grow moves the mask’s outline out, in parts of the picture’s height; below 0 it shrinks.",
      ),
      this.grow.element,
      el("label", { class: "check" }, this.shows, "Show what is lit in red"),
    );
    this.overlays = new Newest(
      (asked) => lit(asked),
      (overlay, asked) => this.got(overlay, asked),
      (problem) => complain(problem),
    );
    scene.on(["scope", "mask", "grow", "engine", "clip"], () => this.draw());
    scene.on(["scope", "mask", "grow", "frame", "clip"], () => this.overlay());
  }

  async pick() {
    const path = await browse(
      folderOf(this.scene.mask || this.scene.clip.path),
      "Choose a mask",
      "masks",
    );
    if (path) this.scene.set({ mask: path });
  }

  draw() {
    const { engine, scope, mask, grow } = this.scene;
    const known = this.info.engines.find((one) => one.name === engine)?.limits?.scopes ?? [];
    for (const option of this.scope.select.options)
      option.disabled = known.length > 0 && !known.includes(option.value);
    this.scope.select.value = scope;
    this.invert.disabled = !(scope in OTHER);
    this.shows.disabled = scope === "SCOPE_BOTH";
    this.shows.title = this.shows.disabled ? "Everything is lit; choose a part first." : "";
    this.file.value = mask;
    this.grow.show(100 * grow);
    this.grow.enable(mask !== "");
  }

  overlay() {
    const { clip, frame, scope, part, now } = this.scene;
    const isWanted = this.shows.checked && clip && scope !== "SCOPE_BOTH";
    if (isWanted)
      this.overlays.want({
        path: clip.path,
        media_frame: frame,
        ...part,
        whole_section: true,
        light: { ...now, keys: [] },
      });
    else this.picture.set({ overlay: null });
  }

  got(overlay, { media_frame: frame }) {
    const isLate =
      frame !== this.scene.frame || !this.shows.checked || this.scene.scope === "SCOPE_BOTH";
    if (!isLate) this.picture.set({ overlay });
  }
}

/** Two previews of unlike exposure differ by that exposure where the light falls, and nowhere else:
    so what is shown is what the engine really lights. */
async function lit({ light, ...asked }) {
  const seen = [];
  for (const exposure of [0, DARKER]) {
    const answer = await call("Preview", {
      ...asked,
      light: { light: { ...light, exposure } },
      width: 480,
      series: series("mask"),
    });
    seen.push(await bitmap(answer.image));
  }
  return reddened(...seen);
}

/** Red at 40 % where the second picture is darker. */
function reddened(plain, dark) {
  const canvas = el("canvas", { width: plain.width, height: plain.height });
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  const [bright, dim] = [plain, dark].map((picture) => {
    pen.drawImage(picture, 0, 0);
    return pen.getImageData(0, 0, plain.width, plain.height);
  });
  const { data } = bright;
  for (let at = 0; at < data.length; at += 4) {
    const [was, is] = [bright, dim].map(
      (image) => image.data[at] + image.data[at + 1] + image.data[at + 2],
    );
    const lit = was > 12 ? Math.min(1, Math.max(0, (1.6 * (was - is)) / was)) : 0;
    [data[at], data[at + 1], data[at + 2], data[at + 3]] = [220, 40, 30, 102 * lit];
  }
  pen.putImageData(bright, 0, 0);
  return canvas;
}
