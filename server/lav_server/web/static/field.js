/** A number with a name, a slider and a place to type it. */

import { el } from "./element.js";

const SAME = { to: (value) => value, from: (place) => place };

/** Colour temperature runs evenly to the eye by its logarithm. */
export const KELVIN_SCALE = {
  to: (kelvin) => Math.log2(kelvin),
  from: (place) => Math.round(2 ** place / 10) * 10,
};

export class Field {
  /** `low`..`high` is the slider's reach; `least`..`most` is what may be typed. */
  constructor({
    label,
    low,
    high,
    step = 1,
    unit = "",
    least = low,
    most = high,
    scale = SAME,
    digits = 0,
    onInput,
  }) {
    Object.assign(this, { label, unit, scale, digits, least, most, onInput });
    const at = { min: scale.to(low), max: scale.to(high) };
    this.slider = el("input", {
      type: "range",
      ...at,
      step: scale === SAME ? step : (at.max - at.min) / 200,
      "aria-label": label,
      oninput: () => onInput(scale.from(Number(this.slider.value))),
    });
    this.number = el("input", {
      type: "number",
      min: least,
      max: most,
      step: "any",
      "aria-label": `${label}, as a number`,
      onchange: () => this.typed(),
    });
    this.shown = null;
    this.element = el(
      "div",
      { class: "field number" },
      el("span", { class: "label" }, label),
      this.slider,
      this.number,
      el("span", { class: "unit" }, unit),
    );
  }

  typed() {
    const value = Number(this.number.value);
    const isUsable = this.number.value !== "" && Number.isFinite(value);
    if (!isUsable) return this.put(this.shown);
    const within = Math.min(this.most, Math.max(this.least, value));
    this.put(within);
    this.onInput(within);
  }

  put(value) {
    this.number.value = value === null ? "" : this.text(value);
  }

  /** Shows a value; null where there is none. */
  show(value) {
    this.shown = value ?? null;
    const isThere = this.shown !== null;
    this.slider.value = isThere ? this.scale.to(value) : this.slider.min;
    this.slider.setAttribute(
      "aria-valuetext",
      isThere ? `${this.text(value)} ${this.unit}`.trim() : "none",
    );
    if (document.activeElement !== this.number || !isThere) this.put(this.shown);
  }

  text(value) {
    return String(Number(value.toFixed(this.digits)));
  }

  enable(isUsable) {
    this.slider.disabled = this.number.disabled = !isUsable;
    this.element.classList.toggle("off", !isUsable);
  }
}
