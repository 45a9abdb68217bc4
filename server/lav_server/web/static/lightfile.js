/** Lights as files: the same JSON that `lav relight --save-light` writes and `--light` reads. */

import { Problem, call, series } from "./api.js";
import { button, el } from "./element.js";
import { filled } from "./light.js";
import { fault } from "./lightcheck.js";
import { say, trying } from "./message.js";

const VERSION = 1;
const PLAIN = ["azimuth", "elevation", "kelvin", "tint", "stops", "size", "radius"];

function toFile(light) {
  return `${JSON.stringify({ lav_light: VERSION, ...written(light) }, null, 2)}\n`;
}

/** Throws a sentence where the text is no saved light. */
function fromFile(text) {
  let saved;
  try {
    saved = JSON.parse(text);
  } catch {
    saved = null;
  }
  if (saved?.lav_light !== VERSION) throw unusable("is not a saved light that this page can read");
  const wrong = fault(saved);
  if (wrong) throw unusable(`cannot be used: ${wrong}`);
  return filled(read(saved));
}

const unusable = (why) =>
  new Problem({
    code: "BAD_VALUE",
    message: `This file ${why}.`,
    hint: "Choose a JSON file written by Save or `--save-light`.",
  });

export class LightFile {
  constructor(scene) {
    this.scene = scene;
    this.picker = el("input", {
      type: "file",
      accept: ".json,application/json",
      hidden: true,
      onchange: trying(() => this.load()),
    });
    this.element = el(
      "div",
      { class: "choices", role: "group", "aria-label": "Light file" },
      button("Save light", () => this.save(), { class: "quiet" }),
      button("Load light", () => this.picker.click(), { class: "quiet" }),
      button(
        "Copy light",
        trying(() => this.copy()),
        { class: "quiet" },
      ),
      button("Undo", () => scene.undo(), { class: "quiet", title: "Ctrl+Z" }),
      this.picker,
    );
  }

  get text() {
    return toFile(this.scene.light);
  }

  save() {
    const href = URL.createObjectURL(new Blob([this.text], { type: "application/json" }));
    el("a", { href, download: "light.json" }).click();
    setTimeout(() => URL.revokeObjectURL(href), 1000);
  }

  async load() {
    const [file] = this.picker.files;
    this.picker.value = "";
    if (!file) return;
    const light = fromFile(await file.text());
    await this.tried(light);
    this.scene.relight(light, { preset: "", unmatched: [] });
  }

  /** Throws the server's sentence where it would not light anything so. */
  async tried(light) {
    const { clip, frame } = this.scene;
    const asked = { media_frame: frame, light: { light }, width: 16, series: series("file") };
    if (clip) await call("Preview", { path: clip.path, ...asked });
  }

  async copy() {
    await navigator.clipboard.writeText(this.text);
    say("The light is on the clipboard, as `lav relight --light` reads it.");
  }
}

function written(light) {
  return {
    prompt: light.prompt,
    lamps: light.lamps.map((lamp) => ({
      role: lamp.role.slice(5).toLowerCase(),
      ...Object.fromEntries(PLAIN.map((name) => [name, lamp[name]])),
      color: list(lamp.color, ["red", "green", "blue"]),
      at: list(lamp.at, ["x", "y"]),
    })),
    ambient: {
      stops: light.ambient.stops ?? null,
      kelvin: light.ambient.kelvin,
      tint: light.ambient.tint,
      color: list(light.ambient.color, ["red", "green", "blue"]),
    },
    exposure: light.exposure ?? null,
    bias: light.bias,
    haze: light.haze,
    source_white: light.source_white,
    keys: light.keys.map((key) => ({ media_frame: key.media_frame, light: written(key.light) })),
  };
}

function read(saved) {
  const some = (value) => value ?? undefined;
  const named = (values, names) =>
    values ? Object.fromEntries(names.map((name, at) => [name, values[at]])) : undefined;
  return tidy({
    ...saved,
    lav_light: undefined,
    exposure: some(saved.exposure),
    lamps: (saved.lamps ?? []).map((lamp) =>
      tidy({
        ...lamp,
        role: `ROLE_${(lamp.role ?? "key").toUpperCase()}`,
        color: named(lamp.color, ["red", "green", "blue"]),
        at: named(lamp.at, ["x", "y"]),
      }),
    ),
    ambient: tidy({
      ...saved.ambient,
      stops: some(saved.ambient?.stops),
      color: named(saved.ambient?.color, ["red", "green", "blue"]),
    }),
    keys: (saved.keys ?? []).map((key) => ({ ...key, light: read(key.light) })),
  });
}

const list = (parts, names) => (parts ? names.map((name) => parts[name] ?? 0) : null);

const tidy = (parts) =>
  Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined));
