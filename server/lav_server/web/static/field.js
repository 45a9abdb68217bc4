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
    if (this.number.value !== "" && Number.isFinite(value))
      this.onInput(Math.min(this.most, Math.max(this.least, value)));
  }

  /** Shows a value; null where there is none. */
  show(value) {
    const isThere = value !== null && value !== undefined;
    this.slider.value = isThere ? this.scale.to(value) : this.slider.min;
    this.slider.setAttribute(
      "aria-valuetext",
      isThere ? `${this.text(value)} ${this.unit}`.trim() : "none",
    );
    if (document.activeElement !== this.number || !isThere)
      this.number.value = isThere ? this.text(value) : "";
  }

  text(value) {
    return String(Number(value.toFixed(this.digits)));
  }

  enable(isUsable) {
    this.slider.disabled = this.number.disabled = !isUsable;
    this.element.classList.toggle("off", !isUsable);
  }
}
