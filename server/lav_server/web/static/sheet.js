/** The contact sheet: this very frame under every preset. */

import { bitmap, call, series } from "./api.js";
import { button, el } from "./element.js";
import { filled } from "./light.js";
import { say } from "./message.js";
import { baseName } from "./words.js";

const WIDTH = 240; // pixels of a cell's picture
const REST = 500; // ms that a frame must stay before its sheet is made

export class Sheet {
  constructor(scene, presets) {
    this.scene = scene;
    this.cells = presets.map((preset) => new Cell(preset, () => this.choose(preset)));
    this.grid = el(
      "div",
      { class: "cells" },
      this.cells.map((cell) => cell.element),
    );
    this.element = el(
      "section",
      { class: "sheet", "aria-label": "Light presets" },
      el("h2", {}, "Light presets"),
      this.grid,
    );
    scene.on(["clip", "frame", "mask", "grow", "scope"], () => this.wait());
    scene.on(["preset", "light"], () => this.mark());
  }

  wait() {
    this.element.hidden = !this.scene.clip;
    clearTimeout(this.due);
    if (this.scene.clip) this.due = setTimeout(() => (this.made = this.make(this.made)), REST);
  }

  /** One cell after the other, so that the pad's previews come in between; and after what is left
      of the sheet `before`. */
  async make(before) {
    const { clip, frame, part } = this.scene;
    const turn = (this.turn = Symbol(clip.path));
    await before;
    for (const cell of this.cells) {
      if (turn !== this.turn) return;
      const asked = {
        path: clip.path,
        media_frame: frame,
        light: { preset: cell.preset.name },
        width: WIDTH,
        ...part,
        whole_section: true,
        series: series(`sheet ${cell.preset.name}`),
      };
      try {
        const answer = await call("Preview", asked);
        if (turn === this.turn)
          await cell.show(answer.image, `${baseName(clip.path)}, frame ${frame}`);
      } catch (problem) {
        if (problem.code === "SUPERSEDED") continue;
        return; // the same is said of the large picture
      }
    }
  }

  choose(preset) {
    const { light } = this.scene;
    const had = light.keys.length;
    this.scene.relight(
      { ...filled(preset.light), exposure: light.exposure },
      { preset: preset.name, chosen: 0, unmatched: [] },
    );
    if (had)
      say(`${preset.title} took the place of the light and its keyframes.`, {
        action: ["Undo", () => this.scene.undo()],
      });
  }

  mark() {
    for (const cell of this.cells)
      cell.element.setAttribute("aria-pressed", String(cell.preset.name === this.scene.preset));
  }
}

class Cell {
  constructor(preset, choose) {
    this.preset = preset;
    this.canvas = el("canvas", { width: WIDTH, height: (WIDTH * 9) / 16, "aria-hidden": "true" });
    this.element = button("", choose, { title: preset.summary, "data-preset": preset.name });
    this.element.append(this.canvas, el("span", {}, preset.title));
  }

  async show(image, of) {
    const picture = await bitmap(image);
    this.canvas.width = picture.width;
    this.canvas.height = picture.height;
    this.canvas.getContext("2d").drawImage(picture, 0, 0);
    this.canvas.dataset.of = of;
  }
}
