/** A grey ball under the light, so that its side, softness and colour are seen at once. */

import { el } from "./element.js";
import { colour, vector } from "./light.js";

const SIZE = 96; // pixels of the drawing; CSS says how large it is shown

export class Ball {
  constructor() {
    this.canvas = el("canvas", { class: "ball", width: SIZE, height: SIZE, "aria-hidden": "true" });
    this.pen = this.canvas.getContext("2d");
    this.image = this.pen.createImageData(SIZE, SIZE);
  }

  draw(light) {
    const lamps = light.lamps.map((lamp) => shone(lamp, light.source_white));
    const around = light.ambient.stops === undefined ? [0, 0, 0] : toned(light.ambient, light.source_white);
    const brightest = Math.max(1, ...lamps.map((lamp) => Math.max(...lamp.tone)));
    for (let y = 0; y < SIZE; y++)
      for (let x = 0; x < SIZE; x++) this.point(x, y, lamps, around, 0.85 / brightest);
    this.pen.putImageData(this.image, 0, 0);
  }

  point(x, y, lamps, around, gain) {
    const middle = SIZE / 2;
    const [nx, ny] = [(x + 0.5 - middle) / middle, (middle - y - 0.5) / middle];
    const inside = 1 - nx * nx - ny * ny;
    const at = 4 * (y * SIZE + x);
    const edge = Math.min(1, Math.max(0, (1 - Math.hypot(nx, ny)) * middle));
    this.image.data[at + 3] = 255 * edge;
    if (edge === 0) return;
    const nz = Math.sqrt(Math.max(inside, 0));
    for (let part = 0; part < 3; part++) {
      let light = around[part];
      for (const lamp of lamps) {
        const facing = nx * lamp.to[0] + ny * lamp.to[1] + nz * lamp.to[2];
        light += lamp.tone[part] * Math.max(0, (facing + lamp.wrap) / (1 + lamp.wrap));
      }
      this.image.data[at + part] = 255 * Math.min(1, light * gain) ** (1 / 2.2);
    }
  }
}

function shone(lamp, sourceWhite) {
  return { to: lamp.at ? near(lamp.at) : vector(lamp), tone: toned(lamp, sourceWhite), wrap: 0.8 * lamp.size };
}

/** A practical stands beside the subject, where it is in the picture. */
function near({ x, y }) {
  const to = [2 * x - 1, 1 - 2 * y, 0.5];
  const length = Math.hypot(...to);
  return to.map((part) => part / length);
}

const toned = (lamp, sourceWhite) => colour(lamp, sourceWhite).map((part) => part * 2 ** lamp.stops);
