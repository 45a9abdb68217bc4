/** Names of takes: `clip_relit.mp4`, then `clip_relit_v002.mp4`. */

import { baseName } from "./words.js";

/** The first name for a take of the clip that is not taken. */
export function freeName(clip, suffix, taken) {
  let name = `${baseName(clip).replace(/\.\w+$/, "")}_relit${suffix}`;
  while (taken.includes(name)) name = nextName(name);
  return name;
}

export function nextName(name) {
  const [, stem, number, suffix = ""] = name.match(/^(.*?)(?:_v(\d{3,}))?(\.\w+)?$/);
  return `${stem}_v${String(Number(number ?? 1) + 1).padStart(3, "0")}${suffix}`;
}
