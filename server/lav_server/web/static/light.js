/** A light as the page holds it: every number written out, fields as the wire names them. */

const WHITE = 5600; // kelvin: a lamp of this colour leaves a clip's white where it is
export const MOST_LAMPS = 3;

export const ROLES = {
  ROLE_KEY: "Key",
  ROLE_FILL: "Fill",
  ROLE_RIM: "Rim",
  ROLE_KICKER: "Kicker",
  ROLE_PRACTICAL: "Practical",
};

const LAMP = {
  role: "ROLE_KEY",
  azimuth: 0,
  elevation: 0,
  kelvin: WHITE,
  tint: 0,
  stops: 0,
  size: 0.3,
  radius: 0.25,
};

/** What the page begins with, and what a new lamp of each role is. */
export const STARTS = {
  ROLE_KEY: { ...LAMP, azimuth: -45, elevation: 30 },
  ROLE_FILL: { ...LAMP, role: "ROLE_FILL", azimuth: 45, elevation: 15, stops: -2, size: 0.9 },
  ROLE_RIM: { ...LAMP, role: "ROLE_RIM", azimuth: 150, elevation: 30, stops: -0.5 },
  ROLE_KICKER: { ...LAMP, role: "ROLE_KICKER", azimuth: -125, elevation: 15, stops: -1 },
  ROLE_PRACTICAL: { ...LAMP, role: "ROLE_PRACTICAL", kelvin: 2900, at: { x: 0.75, y: 0.4 } },
};

export const START = filled({ lamps: [STARTS.ROLE_KEY], ambient: { stops: -3 } });

/** The light of a message with its defaults written out. */
export function filled(light) {
  return {
    prompt: light.prompt ?? "",
    lamps: (light.lamps ?? []).map((lamp) => ({ ...LAMP, ...lamp })),
    ambient: { kelvin: WHITE, tint: 0, ...light.ambient },
    exposure: light.exposure,
    bias: light.bias ?? 0,
    haze: light.haze ?? 0,
    source_white: light.source_white ?? WHITE,
    keys: (light.keys ?? []).map((key) => ({
      media_frame: Number(key.media_frame ?? 0),
      light: filled(key.light ?? {}),
    })),
  };
}

/** Where a lamp is, as the unit vector toward it: x screen right, y up, z toward the camera. */
export function vector({ azimuth, elevation }) {
  const [a, e] = [azimuth, elevation].map((degrees) => (degrees * Math.PI) / 180);
  return [Math.sin(a) * Math.cos(e), Math.sin(e), Math.cos(a) * Math.cos(e)];
}

/** The angles of a vector, in degrees, to a tenth. */
export function angles([x, y, z]) {
  const round = (radians) => Math.round((radians * 1800) / Math.PI) / 10;
  return {
    azimuth: wrapped(round(Math.atan2(x, z))),
    elevation: round(Math.asin(Math.max(-1, Math.min(1, y)))),
  };
}

/** The same azimuth in (-180, 180]; one that is there is untouched. */
export function wrapped(azimuth) {
  if (azimuth > -180 && azimuth <= 180) return azimuth;
  const turned = ((azimuth % 360) + 360) % 360;
  return turned > 180 ? turned - 360 : turned;
}

/** "70° from the left, 20° up" */
export function placeInWords({ azimuth, elevation, at }) {
  if (at)
    return `in the picture at ${Math.round(at.x * 100)} % across, ${Math.round(at.y * 100)} % down`;
  const around = Math.round(Math.abs(azimuth));
  const side =
    around === 0
      ? "front"
      : around === 180
        ? "behind"
        : `${around}° ${azimuth < 0 ? "left" : "right"}`;
  const height = Math.round(elevation);
  const up = height === 0 ? "level" : `${Math.abs(height)}° ${height > 0 ? "up" : "down"}`;
  return `${side}, ${up}`;
}

/** A lamp's colour in linear light, its largest part 1. The picture is the server's; this is for
    the ball and the handles. */
export function colour(lamp, sourceWhite = WHITE) {
  if (lamp.color) return scaled([lamp.color.red ?? 0, lamp.color.green ?? 0, lamp.color.blue ?? 0]);
  const white = planckian(sourceWhite);
  const [red, green, blue] = planckian(lamp.kelvin).map((part, at) => part / white[at]);
  return scaled([red, green * 2 ** (lamp.tint / 40), blue]);
}

/** For CSS; 1 is as bright as the screen goes. */
export function css(linear) {
  const codes = linear.map((part) => Math.round(255 * Math.min(1, Math.max(0, part)) ** (1 / 2.2)));
  return `rgb(${codes.join(" ")})`;
}

/** Linear Rec.709 of a black body, by Kim's fit of the locus (1667..25000 K). */
function planckian(kelvin) {
  const t = 1000 / Math.min(25000, Math.max(1667, kelvin));
  const x =
    kelvin < 4000
      ? ((-0.2661239 * t - 0.234358) * t + 0.8776956) * t + 0.17991
      : ((-3.0258469 * t + 2.1070379) * t + 0.2226347) * t + 0.24039;
  const y =
    kelvin < 2222
      ? ((-1.1063814 * x - 1.3481102) * x + 2.18555832) * x - 0.20219683
      : kelvin < 4000
        ? ((-0.9549476 * x - 1.37418593) * x + 2.09137015) * x - 0.16748867
        : ((3.081758 * x - 5.8733867) * x + 3.75112997) * x - 0.37001483;
  const [X, Z] = [x / y, (1 - x - y) / y];
  return [
    3.2406 * X - 1.5372 - 0.4986 * Z,
    -0.9689 * X + 1.8758 + 0.0415 * Z,
    0.0557 * X - 0.204 + 1.057 * Z,
  ].map((part) => Math.max(part, 0.02));
}

const scaled = (parts) => parts.map((part) => part / Math.max(...parts, 1e-6));
