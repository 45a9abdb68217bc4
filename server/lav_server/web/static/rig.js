/** What is done to a light as a whole: lamps come and go, key to fill, keyframes. */

import { MOST_LAMPS, STARTS, wrapped } from "./light.js";

const clone = (light) => structuredClone(light);

export function withLamp(light, chosen, numbers) {
  const changed = clone(light);
  Object.assign(changed.lamps[chosen], numbers);
  return changed;
}

export function withNewLamp(light, role) {
  if (light.lamps.length >= MOST_LAMPS) return light;
  const changed = clone(light);
  changed.lamps.push({
    ...STARTS[role],
    kelvin: role === "ROLE_PRACTICAL" ? 2900 : (light.lamps[0]?.kelvin ?? 5600),
  });
  return changed;
}

export function withoutLamp(light, chosen) {
  const changed = clone(light);
  changed.lamps.splice(chosen, 1);
  return changed;
}

/** A lamp of another role: a practical has a place in the picture, the others a direction. */
export function withRole(light, chosen, role) {
  const changed = clone(light);
  const lamp = changed.lamps[chosen];
  lamp.role = role;
  if (role === "ROLE_PRACTICAL") lamp.at ??= { ...STARTS.ROLE_PRACTICAL.at };
  else delete lamp.at;
  return changed;
}

/** How many times the key is brighter than the fill; null without either. */
export function keyFill(light) {
  const fill = light.lamps.find((lamp) => lamp.role === "ROLE_FILL");
  return fill && light.lamps[0] !== fill ? 2 ** (light.lamps[0].stops - fill.stops) : null;
}

/** A fill across from the key, `ratio` times weaker; one that is there gets the stops. */
export function withKeyFill(light, ratio) {
  const changed = clone(light);
  const key = changed.lamps[0];
  const stops = key.stops - Math.log2(ratio);
  const fills = changed.lamps.filter((lamp) => lamp.role === "ROLE_FILL");
  for (const fill of fills) fill.stops = stops;
  if (!fills.length && changed.lamps.length < MOST_LAMPS) {
    const isAside = Math.abs(Math.sin((key.azimuth * Math.PI) / 180)) > 0.25;
    const azimuth = isAside ? -key.azimuth : 45;
    changed.lamps.push({
      ...STARTS.ROLE_FILL,
      azimuth,
      elevation: 20,
      kelvin: key.kelvin,
      tint: key.tint,
      stops,
    });
  }
  return changed;
}

/** The light at a media frame, without keyframes: as the engine fades from one to the next. */
export function lightAt(light, frame) {
  if (!light.keys.length) return light;
  const found = light.keys.findIndex((key) => key.media_frame > frame);
  const after = found < 0 ? light.keys.length : found;
  const [first, last] = [
    light.keys[Math.max(after - 1, 0)],
    light.keys[Math.min(after, light.keys.length - 1)],
  ];
  const span = last.media_frame - first.media_frame;
  const t = span ? (frame - first.media_frame) / span : 0;
  const between = t > 0 ? faded(first.light, last.light, t) : first.light;
  return {
    ...between,
    prompt: between.prompt || light.prompt,
    exposure: between.exposure ?? light.exposure,
  };
}

/** With a keyframe at a frame, in the place of one that is there. */
export function withKey(light, frame, at) {
  const { keys, ...rest } = light;
  const bare = { ...clone(at), exposure: undefined, keys: [] };
  const others = keys.filter((key) => key.media_frame !== frame);
  const all = [...others, { media_frame: frame, light: bare }];
  return { ...rest, keys: all.sort((a, b) => a.media_frame - b.media_frame) };
}

/** Without the keyframe at a frame; the last one leaves its light for the whole clip. */
export function withoutKey(light, frame) {
  const keys = light.keys.filter((key) => key.media_frame !== frame);
  if (keys.length) return { ...light, keys };
  return { ...lightAt(light, frame), exposure: light.exposure, keys: [] };
}

function faded(a, b, t) {
  const mix = (x, y) => (x === undefined || y === undefined ? undefined : x + t * (y - x));
  const kelvin = (x, y) => (x === y ? x : 1 / mix(1 / x, 1 / y));
  const parts = (x, y) =>
    x && y
      ? Object.fromEntries(Object.keys(x).map((name) => [name, mix(x[name], y[name])]))
      : undefined;
  const lamp = (x, y) => ({
    ...x,
    azimuth: wrapped(x.azimuth + t * wrapped(y.azimuth - x.azimuth)),
    ...Object.fromEntries(
      ["elevation", "tint", "stops", "size", "radius"].map((name) => [name, mix(x[name], y[name])]),
    ),
    kelvin: kelvin(x.kelvin, y.kelvin),
    color: parts(x.color, y.color),
    at: parts(x.at, y.at),
  });
  return {
    ...a,
    lamps: a.lamps.map((one, index) => lamp(one, b.lamps[index])),
    ambient: {
      ...a.ambient,
      stops: mix(a.ambient.stops, b.ambient.stops),
      kelvin: kelvin(a.ambient.kelvin, b.ambient.kelvin),
    },
    exposure: mix(a.exposure, b.exposure),
    bias: mix(a.bias, b.bias),
    haze: mix(a.haze, b.haze),
  };
}
