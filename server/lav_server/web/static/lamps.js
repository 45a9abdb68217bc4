/** The lamps, one at a time: role, side and height, colour, strength, softness. */

import { button, choice, el } from "./element.js";
import { Field, KELVIN_SCALE } from "./field.js";
import { MOST_LAMPS, ROLES, colour, css } from "./light.js";
import { withLamp, withNewLamp, withRole, withoutLamp } from "./rig.js";

const PLACES = [
  ["Front", { azimuth: 0, elevation: 10 }],
  ["Left", { azimuth: -70, elevation: 20 }],
  ["Right", { azimuth: 70, elevation: 20 }],
  ["Top", { azimuth: 0, elevation: 75 }],
  ["Behind", { azimuth: 180, elevation: 20 }],
];
const NUMBERS = [
  { name: "azimuth", label: "Around", low: -180, high: 180, unit: "°", digits: 1 },
  { name: "elevation", label: "Height", low: -90, high: 90, unit: "°", digits: 1 },
  {
    name: "kelvin",
    label: "Colour",
    low: 1800,
    high: 12000,
    least: 1000,
    most: 20000,
    unit: "K",
    scale: KELVIN_SCALE,
  },
  { name: "tint", label: "Tint", low: -50, high: 50, unit: "" },
  {
    name: "stops",
    label: "Strength",
    low: -6,
    high: 4,
    least: -10,
    most: 10,
    step: 0.1,
    unit: "stops",
    digits: 2,
  },
  { name: "size", label: "Softness", low: 0, high: 1, step: 0.01, digits: 2 },
  {
    name: "radius",
    label: "Reach",
    low: 0.05,
    high: 2,
    least: 0.01,
    most: 10,
    step: 0.01,
    unit: "heights",
    digits: 2,
  },
];

export class Lamps {
  constructor(scene) {
    this.scene = scene;
    this.tabs = el("div", { class: "tabs", role: "group", "aria-label": "Lamps" });
    this.role = choice("Role", Object.entries(ROLES), (role) => this.changeRole(role));
    this.remove = button("Remove", () => this.take(), { class: "quiet" });
    this.places = el(
      "div",
      { class: "choices", role: "group", "aria-label": "Place of the lamp" },
      PLACES.map(([text, at]) => button(text, () => this.put(at))),
    );
    this.fields = NUMBERS.map((about) => [
      about.name,
      new Field({ ...about, onInput: (value) => this.put({ [about.name]: value }) }),
    ]);
    this.element = el(
      "section",
      { "aria-label": "Lamps" },
      el("h2", {}, "Lamps"),
      this.tabs,
      el("div", { class: "pair" }, this.role.row, this.remove),
      this.places,
      this.fields.map(([, field]) => field.element),
    );
    scene.on(["light", "frame", "chosen"], () => this.draw());
  }

  /** A kelvin or tint takes the place of an explicit colour. */
  put(numbers) {
    const plain = "kelvin" in numbers || "tint" in numbers ? { color: undefined } : {};
    this.scene.edit((light) => withLamp(light, this.scene.chosen, { ...numbers, ...plain }));
  }

  add(role) {
    const place = this.scene.now.lamps.length;
    this.scene.reshape((light) => withNewLamp(light, role));
    this.scene.set({ chosen: place });
  }

  take() {
    this.scene.reshape((light) => withoutLamp(light, this.scene.chosen));
  }

  changeRole(role) {
    this.scene.reshape((light) => withRole(light, this.scene.chosen, role));
  }

  draw() {
    const { lamps, source_white: white } = this.scene.now;
    const lamp = lamps[this.scene.chosen];
    this.drawTabs(lamps, white);
    this.role.select.disabled = this.remove.disabled = !lamp;
    if (lamp) this.role.select.value = lamp.role;
    this.places.hidden = !lamp || Boolean(lamp.at);
    for (const [name, field] of this.fields) {
      field.element.hidden = !lamp || isElsewhere(name, lamp);
      if (lamp) field.show(lamp[name]);
    }
  }

  drawTabs(lamps, white) {
    const wanted =
      lamps.map((lamp) => `${lamp.role} ${css(colour(lamp, white))}`).join() + this.scene.chosen;
    if (wanted === this.drawn) return; // a slider is being dragged: buttons stay where they are
    this.drawn = wanted;
    const hadFocus = this.tabs.contains(document.activeElement);
    const tabs = lamps.map((lamp, index) => this.tab(lamp, index, white));
    this.tabs.replaceChildren(...tabs, ...this.missing(lamps));
    if (hadFocus) tabs[this.scene.chosen]?.focus();
  }

  tab(lamp, index, white) {
    const dot = el("span", { class: "dot" });
    dot.style.background = css(colour(lamp, white));
    const pressed = String(index === this.scene.chosen);
    return el(
      "button",
      { type: "button", "aria-pressed": pressed, onclick: () => this.scene.set({ chosen: index }) },
      dot,
      ROLES[lamp.role],
    );
  }

  /** What may still be added, by the roles that are not there. */
  missing(lamps) {
    if (lamps.length >= MOST_LAMPS) return [];
    const roles = ["ROLE_KEY", "ROLE_FILL", "ROLE_RIM"].filter((role) =>
      lamps.every((lamp) => lamp.role !== role),
    );
    return (roles.length ? roles : ["ROLE_KICKER"]).map((role) =>
      button(`+ ${ROLES[role]}`, () => this.add(role), { class: "quiet" }),
    );
  }
}

const isElsewhere = (name, lamp) =>
  (lamp.at ? ["azimuth", "elevation"] : ["radius"]).includes(name);
