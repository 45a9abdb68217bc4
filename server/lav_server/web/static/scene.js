/** What is on the table in the Relight view: a clip, a frame of it, and the light. */

import { START, filled } from "./light.js";
import { lightAt, withKey } from "./rig.js";

const KEPT = "lav-scene"; // of this tab, over a reload
const SOON = 300; // ms in which changes are one step to undo
const MOST_STEPS = 100;
const REMEMBERED = [
  "frame",
  "first",
  "end",
  "light",
  "chosen",
  "amount",
  "mask",
  "grow",
  "scope",
  "engine",
  "preset",
];

export class Scene extends EventTarget {
  clip = null; // MediaFacts
  frame = 0; // media frame that is shown
  first = 0; // of the range that is relit
  end = 0;
  light = START;
  chosen = 0; // lamp
  solved = null; // EV: the exposure of the newest preview
  amount = 1;
  mask = "";
  grow = 0; // of the picture's height
  scope = "SCOPE_BOTH";
  engine = "draft";
  preset = "";
  unmatched = [];
  steps = [];
  undone = [];

  /** Calls `act` now and whenever one of the names has changed. */
  on(names, act) {
    this.addEventListener(
      "change",
      ({ detail }) => names.some((name) => detail.has(name)) && act(),
    );
    act();
  }

  set(changes) {
    Object.assign(this, changes);
    if (changes.light) this.chosen = Math.max(0, Math.min(this.chosen, this.now.lamps.length - 1));
    this.remember();
    this.dispatchEvent(new CustomEvent("change", { detail: new Set(Object.keys(changes)) }));
  }

  /** The light at the frame that is shown. */
  get now() {
    return lightAt(this.light, this.frame);
  }

  /** Changes numbers: of the light, or of the keyframe here where there are keyframes. */
  edit(change) {
    const { light, frame } = this;
    this.relight(light.keys.length ? withKey(light, frame, change(this.now)) : change(light));
  }

  /** Changes what a light is made of: in every keyframe alike, so that they still match. */
  reshape(change) {
    const { light } = this;
    if (!light.keys.length) return this.relight(change(light));
    const keys = light.keys.map((key) => ({ ...key, light: change(key.light) }));
    this.relight({ ...light, keys });
  }

  /** Another light, as a step that can be undone. */
  relight(light, more = {}) {
    const now = performance.now();
    if (!(now - this.stepped < SOON)) this.steps = [...this.steps, this.said].slice(-MOST_STEPS);
    this.stepped = now;
    this.undone = [];
    this.set({ light, ...more });
  }

  undo() {
    this.step(this.steps, this.undone);
  }

  redo() {
    this.step(this.undone, this.steps);
  }

  step(from, to) {
    if (!from.length) return;
    to.push(this.said);
    this.stepped = -Infinity;
    this.set(from.pop());
  }

  /** The light with what is said of it. */
  get said() {
    const { light, preset, unmatched } = this;
    return { light, preset, unmatched };
  }

  /** Where the light falls, as it is said to the server. */
  get part() {
    const { mask, grow, scope } = this;
    return { mask, mask_grow: mask ? grow : 0, scope };
  }

  /** How the light is said to the server. */
  get asked() {
    return { light: this.light };
  }

  begin(clip) {
    const kept = recalled(clip.path);
    this.set({ clip, frame: 0, first: 0, end: Number(clip.frames), solved: null, ...kept });
  }

  remember() {
    if (!this.clip) return;
    const kept = Object.fromEntries(REMEMBERED.map((name) => [name, this[name]]));
    sessionStorage.setItem(KEPT, JSON.stringify({ path: this.clip.path, ...kept }));
  }
}

function recalled(path) {
  const { path: was, ...kept } = JSON.parse(sessionStorage.getItem(KEPT) ?? "{}");
  return was === path ? { ...kept, light: filled(kept.light) } : {};
}
