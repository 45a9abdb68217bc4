/** Numbers as people read them. */

export const rate = ({ numerator, denominator = "1" }) => Number(numerator) / Number(denominator);

/** 75 s is "1 min 15 s". */
export function duration(seconds) {
  const whole = Math.round(seconds);
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.round((whole % 3600) / 60)} min`;
}

export function size(bytes) {
  const count = Number(bytes);
  const [unit, step] = count >= 1e9 ? ["GB", 1e9] : count >= 1e6 ? ["MB", 1e6] : ["kB", 1e3];
  return `${(count / step).toFixed(count / step < 10 ? 1 : 0)} ${unit}`;
}

export const frames = (count) => `${count} ${Number(count) === 1 ? "frame" : "frames"}`;

export const baseName = (path) => path.split(/[\\/]/).pop();

export const folderOf = (path) => path.slice(0, path.length - baseName(path).length - 1) || "/";

/** "16:04:02" today, with the date on other days. */
export function clock(seconds) {
  const when = new Date(seconds * 1000);
  const isToday = when.toDateString() === new Date().toDateString();
  return isToday ? when.toLocaleTimeString() : when.toLocaleString();
}

/** "1920 × 1080, 23.976 fps, 10 bit, 240 frames" */
export function facts(clip) {
  const fps = Number(rate(clip.rate).toFixed(3));
  return [
    `${clip.width} × ${clip.height}`,
    `${fps} fps`,
    `${clip.bit_depth} bit`,
    frames(clip.frames),
    clip.timecode,
  ]
    .filter(Boolean)
    .join(" · ");
}
