/** Whether what a file holds has the shape of a saved light. What its numbers may be, the server
    knows. */

import { MOST_LAMPS, ROLES } from "./light.js";

const LAMP = ["azimuth", "elevation", "kelvin", "tint", "stops", "size", "radius"];
const AMBIENT = ["stops", "kelvin", "tint"];
const LIGHT = ["exposure", "bias", "haze", "source_white"];

/** What is wrong with it, in words; "" where nothing is. */
export function fault(saved, isKey = false) {
  if (!isObject(saved)) return "it holds something that is no light";
  const { prompt = "", lamps = [], ambient = {}, keys = [] } = saved;
  if (typeof prompt !== "string") return "its prompt is no text";
  if (!Array.isArray(lamps) || lamps.length > MOST_LAMPS)
    return `a light has a list of up to ${MOST_LAMPS} lamps`;
  if (!Array.isArray(keys) || (isKey && keys.length)) return "its keyframes are no list of lights";
  return (
    numbers(saved, LIGHT) ||
    source(ambient, AMBIENT) ||
    lamps.map(ofLamp).find(Boolean) ||
    keys.map(ofKey).find(Boolean) ||
    unlike(keys)
  );
}

function ofLamp(lamp) {
  const wrong = source(lamp, LAMP);
  if (wrong) return wrong;
  const { role = "key", at = null } = lamp;
  if (typeof role !== "string" || !(`ROLE_${role.toUpperCase()}` in ROLES))
    return `there is no lamp called ${JSON.stringify(role)}`;
  return at === null || areNumbers(at, 2) ? "" : "a lamp’s place in the picture is two numbers";
}

function ofKey(key) {
  if (!isObject(key) || !Number.isInteger(key.media_frame) || key.media_frame < 0)
    return "a keyframe has no frame number";
  return fault(key.light, true);
}

/** Lamps fade from one keyframe to the next one by one. */
function unlike(keys) {
  const roles = keys.map(({ light }) =>
    (light.lamps ?? []).map(({ role = "key" }) => role.toLowerCase()).join(),
  );
  return new Set(roles).size > 1 ? "its keyframes have other lamps from one to the next" : "";
}

function source(lit, names) {
  if (!isObject(lit)) return "it holds a lamp that is none";
  const { color = null } = lit;
  if (color !== null && !areNumbers(color, 3)) return "a colour is three numbers";
  return numbers(lit, names);
}

function numbers(parts, names) {
  const wrong = names.find((name) => !isNumber(parts[name] ?? 0));
  return wrong ? `${JSON.stringify(parts[wrong])} is no number for ${wrong}` : "";
}

const isNumber = (value) => typeof value === "number" && Number.isFinite(value);

const areNumbers = (value, count) =>
  Array.isArray(value) && value.length === count && value.every(isNumber);

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
