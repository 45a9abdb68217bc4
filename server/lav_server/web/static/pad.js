/** The light pad: the lamps as handles over the picture.
 *
 * The middle is the camera's own side. The way out from there is where the light comes from, and
 * how far is how far around: half-way is square to the side, the outer ring is behind.
 */

import { el, svg } from "./element.js";
import { ROLES, angles, colour, css, placeInWords, vector } from "./light.js";
import { withLamp } from "./rig.js";

const REACH = 0.46; // of the picture: the outer ring
const STEPS = { ArrowLeft: [-5, 0], ArrowRight: [5, 0], ArrowUp: [0, 5], ArrowDown: [0, -5] };

export class Pad {
  constructor(scene) {
    this.scene = scene;
    this.line = svg("line", { class: "aim" });
    this.rings = svg(
      "svg",
      {
        class: "rings",
        viewBox: "0 0 100 100",
        preserveAspectRatio: "none",
        "aria-hidden": "true",
      },
      ...[REACH / 2, REACH].map((radius) =>
        svg("ellipse", { cx: 50, cy: 50, rx: 100 * radius, ry: 100 * radius }),
      ),
      this.line,
    );
    this.handles = [0, 1, 2].map((index) => this.handle(index));
    this.told = el("p", { class: "unseen", role: "status" });
    this.element = el(
      "div",
      { class: "pad", role: "group", "aria-label": "Light pad" },
      this.rings,
      this.handles,
      this.told,
    );
    scene.on(["light", "frame", "chosen", "clip"], () => this.draw());
  }

  handle(index) {
    return el("button", {
      type: "button",
      class: "lamp",
      "data-lamp": index,
      onpointerdown: (event) => this.grab(event, index),
      onpointermove: (event) => this.drag(event, index),
      onpointerup: (event) => event.currentTarget.releasePointerCapture(event.pointerId),
      onfocus: () => this.scene.set({ chosen: index }),
      onkeydown: (event) => this.nudge(event, index),
    });
  }

  grab(event, index) {
    event.currentTarget.setPointerCapture(event.pointerId);
    const seat = event.currentTarget.getBoundingClientRect();
    this.slip = [event.clientX - seat.x - seat.width / 2, event.clientY - seat.y - seat.height / 2];
    this.scene.set({ chosen: index });
  }

  drag(event, index) {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const box = this.element.getBoundingClientRect();
    const x = (event.clientX - this.slip[0] - box.x) / box.width;
    const y = (event.clientY - this.slip[1] - box.y) / box.height;
    this.move(index, this.scene.now.lamps[index].at ? { at: inside(x, y) } : pointed(x, y));
  }

  nudge(event, index) {
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    const [across, up] = event.shiftKey ? step.map((part) => part / 5) : step;
    const lamp = this.scene.now.lamps[index];
    if (lamp.at) this.move(index, { at: inside(lamp.at.x + across / 200, lamp.at.y - up / 200) });
    else this.move(index, turned(lamp, across, up));
    clearTimeout(this.due);
    this.due = setTimeout(
      () => (this.told.textContent = this.name(this.scene.now.lamps[index])),
      300,
    );
  }

  move(index, numbers) {
    this.scene.edit((light) => withLamp(light, index, numbers));
  }

  name(lamp) {
    return `${ROLES[lamp.role]}: ${placeInWords(lamp)}`;
  }

  draw() {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.paint());
  }

  paint() {
    const { now, chosen } = this.scene;
    this.element.hidden = !this.scene.clip;
    this.handles.forEach((handle, index) =>
      this.place(handle, now.lamps[index], index === chosen, now.source_white),
    );
    const lamp = now.lamps[chosen];
    this.line.toggleAttribute("hidden", !lamp);
    if (lamp) this.aim(...seat(lamp));
  }

  place(handle, lamp, isChosen, sourceWhite) {
    handle.hidden = !lamp;
    if (!lamp) return;
    const [x, y] = seat(lamp);
    handle.style.left = `${100 * x}%`;
    handle.style.top = `${100 * y}%`;
    handle.style.setProperty("--tone", css(colour(lamp, sourceWhite)));
    handle.classList.toggle("chosen", isChosen);
    handle.classList.toggle("behind", !lamp.at && vector(lamp)[2] < -0.01);
    handle.textContent = ROLES[lamp.role][0];
    handle.setAttribute("aria-label", this.name(lamp));
    handle.title = `${this.name(lamp)}. Drag, or use the arrow keys.`;
  }

  aim(x, y) {
    const numbers = { x1: 50, y1: 50, x2: 100 * x, y2: 100 * y };
    for (const [name, value] of Object.entries(numbers)) this.line.setAttribute(name, value);
  }
}

/** Where a lamp's handle sits, in parts of the picture. */
function seat(lamp) {
  if (lamp.at) return [lamp.at.x, lamp.at.y];
  const [x, y, z] = vector(lamp);
  const away = (REACH * Math.acos(Math.max(-1, Math.min(1, z)))) / Math.PI;
  const length = Math.hypot(x, y);
  return length < 1e-6 ? [0.5, 0.5 - away] : [0.5 + (away * x) / length, 0.5 - (away * y) / length];
}

/** The angles of a lamp whose handle is at a place of the picture. */
function pointed(x, y) {
  const [right, up] = [(x - 0.5) / REACH, (0.5 - y) / REACH];
  const length = Math.hypot(right, up);
  const away = Math.PI * Math.min(1, length);
  const scale = length < 1e-6 ? 0 : Math.sin(away) / length;
  return angles([right * scale, up * scale, Math.cos(away)]);
}

const inside = (x, y) => ({ x: Math.min(1, Math.max(0, x)), y: Math.min(1, Math.max(0, y)) });

function turned({ azimuth, elevation }, across, up) {
  const height = Math.max(-90, Math.min(90, elevation + up));
  const around = azimuth + across;
  return {
    azimuth: around > 180 ? around - 360 : around <= -180 ? around + 360 : around,
    elevation: height,
  };
}
