/** A grey ball under the light, so that its side, softness and colour are seen at once. */

import { el } from "./element.js";
import { colour, vector } from "./light.js";

const SIZE = 96; // pixels of the drawing; CSS says how large it is shown

const POINTS = surface();

export class Ball {
  constructor() {
    this.canvas = el("canvas", { class: "ball", width: SIZE, height: SIZE, "aria-hidden": "true" });
    this.pen = this.canvas.getContext("2d");
    this.image = this.pen.createImageData(SIZE, SIZE);
    this.levels = new Float32Array(3 * SIZE * SIZE);
  }

  /** As bright as it gets without clipping: exposure is another matter. */
  draw(light) {
    const lamps = light.lamps.map((lamp) => shone(lamp, light.source_white));
    const around =
      light.ambient.stops === undefined ? [0, 0, 0] : toned(light.ambient, light.source_white);
    let brightest = 1e-6;
    for (let at = 0; at < POINTS.length; at++) {
      const point = POINTS[at];
      if (!point) continue;
      for (let part = 0; part < 3; part++) {
        const level = (this.levels[3 * at + part] = received(point, part, lamps, around));
        if (level > brightest) brightest = level;
      }
    }
    this.paint(0.92 / brightest);
  }

  paint(gain) {
    const { data } = this.image;
    for (let at = 0; at < POINTS.length; at++) {
      if (!POINTS[at]) continue;
      for (let part = 0; part < 3; part++)
        data[4 * at + part] = 255 * (gain * this.levels[3 * at + part]) ** (1 / 2.2);
      data[4 * at + 3] = 255 * POINTS[at].edge;
    }
    this.pen.putImageData(this.image, 0, 0);
  }
}

/** The ball's surface: which way each of its points faces, none outside it. */
function surface() {
  const middle = SIZE / 2;
  return Array.from({ length: SIZE * SIZE }, (_, at) => {
    const [x, y] = [
      ((at % SIZE) + 0.5 - middle) / middle,
      (middle - Math.floor(at / SIZE) - 0.5) / middle,
    ];
    const edge = Math.min(1, (1 - Math.hypot(x, y)) * middle);
    return edge > 0 ? { x, y, z: Math.sqrt(Math.max(0, 1 - x * x - y * y)), edge } : null;
  });
}

function received({ x, y, z }, part, lamps, around) {
  let light = around[part];
  for (const { to, wrap, tone } of lamps)
    light += tone[part] * Math.max(0, (x * to[0] + y * to[1] + z * to[2] + wrap) / (1 + wrap));
  return light;
}

function shone(lamp, sourceWhite) {
  return {
    to: lamp.at ? near(lamp.at) : vector(lamp),
    tone: toned(lamp, sourceWhite),
    wrap: 0.8 * lamp.size,
  };
}

/** A practical stands beside the subject, where it is in the picture. */
function near({ x, y }) {
  const to = [2 * x - 1, 1 - 2 * y, 0.5];
  const length = Math.hypot(...to);
  return to.map((part) => part / length);
}

const toned = (lamp, sourceWhite) =>
  colour(lamp, sourceWhite).map((part) => part * 2 ** lamp.stops);
