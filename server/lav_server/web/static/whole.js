/** What is of the light as a whole: key to fill, ambient, haze, exposure and its lock. */

import { el } from "./element.js";
import { Field, KELVIN_SCALE } from "./field.js";
import { keyFill, withKeyFill } from "./rig.js";

const RATIO_SCALE = {
  to: (ratio) => Math.log2(ratio),
  from: (place) => Number((2 ** place).toFixed(1)),
};

export class Whole {
  constructor(scene) {
    this.scene = scene;
    this.ratio = new Field({
      label: "Key : fill",
      low: 1,
      high: 64,
      most: 1000,
      scale: RATIO_SCALE,
      unit: ": 1",
      digits: 1,
      onInput: (ratio) => scene.reshape((light) => withKeyFill(light, ratio)),
    });
    this.around = new Field({
      label: "Ambient",
      low: -8,
      high: 2,
      least: -10,
      most: 10,
      step: 0.1,
      unit: "stops",
      digits: 2,
      onInput: (stops) => this.putAround({ stops }),
    });
    this.warmth = new Field({
      label: "Its colour",
      low: 1800,
      high: 12000,
      least: 1000,
      most: 20000,
      unit: "K",
      scale: KELVIN_SCALE,
      onInput: (kelvin) => this.putAround({ kelvin, color: undefined }),
    });
    this.haze = new Field({
      label: "Haze",
      low: 0,
      high: 1,
      step: 0.01,
      digits: 2,
      onInput: (haze) => scene.edit((light) => ({ ...light, haze })),
    });
    this.exposure = new Field({
      label: "Exposure",
      low: -4,
      high: 4,
      least: -10,
      most: 10,
      step: 0.05,
      unit: "EV",
      digits: 2,
      onInput: (exposure) => this.expose(exposure),
    });
    this.lock = el("input", {
      type: "checkbox",
      onchange: () => this.expose(this.lock.checked ? (scene.solved ?? 0) : undefined),
    });
    this.solved = el("span", { class: "quiet" }, "solved on this frame; a render solves it for each shot");
    this.element = el(
      "section",
      { "aria-label": "Whole light" },
      el("h2", {}, "Whole light"),
      [this.ratio, this.around, this.warmth, this.haze, this.exposure].map(
        (field) => field.element,
      ),
      el("label", { class: "check" }, this.lock, "Lock the exposure", this.solved),
    );
    scene.on(["light", "frame", "solved"], () => this.draw());
  }

  putAround(numbers) {
    const change = (light) => ({ ...light, ambient: { ...light.ambient, ...numbers } });
    if (this.scene.now.ambient.stops === undefined) this.scene.reshape(change);
    else this.scene.edit(change);
  }

  /** Of the whole clip, with keyframes as without: undefined is solved. */
  expose(exposure) {
    this.scene.relight({ ...this.scene.light, exposure });
  }

  draw() {
    const { now, light, solved } = this.scene;
    this.ratio.show(keyFill(now));
    this.ratio.enable(now.lamps.length > 0);
    this.around.show(now.ambient.stops);
    this.warmth.show(now.ambient.kelvin);
    this.warmth.enable(now.ambient.stops !== undefined);
    this.haze.show(now.haze);
    const isLocked = light.exposure !== undefined;
    this.lock.checked = this.solved.hidden = isLocked;
    this.exposure.show(isLocked ? light.exposure : solved);
    this.exposure.element.classList.toggle("solved", !isLocked);
  }
}
