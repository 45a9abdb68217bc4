/** What the picture shows: the source's frame and the light on it, asked for as both change. */

import { bitmap, call, frame, series } from "./api.js";
import { el } from "./element.js";
import { clear, complain } from "./message.js";
import { Newest } from "./newest.js";
import { baseName } from "./words.js";

const WIDEST = 960; // pixels of a preview: more than this is not seen on a pad
const REST = 350; // ms that a frame must stay before the section around it is read
const QUICK = " · a quick look; now from how things move, as the take will be";
const OTHER_ENGINE = " · the pad shows Draft, the render is the engine's own";

export class Previews {
  /** `busy` hears whether a preview is on its way. */
  constructor(scene, picture, jobs, busy) {
    Object.assign(this, { scene, picture });
    this.state = el("span", { class: "quiet", role: "status" });
    this.sources = new Newest(
      (asked) => frame(asked.path, asked.frame, WIDEST),
      (got, asked) => this.gotSource(got, asked),
      (problem) => complain(problem),
    );
    this.lights = new Newest(
      (asked) => lit(asked),
      (got, asked) => this.gotLit(got, asked),
      (problem) => this.refused(problem),
      (isAsking) => busy(isAsking || Boolean(this.due)),
    );
    scene.on(["clip", "frame"], () => this.askSource());
    scene.on(["clip", "mask", "grow"], () => (this.section = null)); // media frames [first, end)
    scene.on(["clip", "frame", "light", "mask", "grow", "scope"], () => this.askLit());
    scene.on(["engine"], () => this.told());
    jobs.addEventListener("back", () => this.askAgain());
  }

  askSource() {
    const { clip, frame } = this.scene;
    if (clip) this.sources.want({ path: clip.path, frame });
  }

  /** At once by the frame alone, unless its section has been read; then as the take will be. */
  askLit() {
    clearTimeout(this.due);
    this.due = 0;
    if (!this.scene.clip) return;
    const isRead = this.isInSection(this.scene.frame);
    if (!isRead) this.due = setTimeout(() => this.askWhole(), REST);
    this.want(isRead);
  }

  askWhole() {
    this.due = 0;
    this.want(true);
  }

  want(whole_section) {
    const { clip, frame, asked, part } = this.scene;
    const what = { media_frame: frame, light: asked, ...part, whole_section, width: WIDEST };
    this.lights.want({ path: clip.path, ...what, series: series("pad") });
  }

  isInSection(frame) {
    const [first, end] = this.section ?? [0, 0];
    return first <= frame && frame < end;
  }

  /** What failed while the server was away. */
  askAgain() {
    clear();
    this.askSource();
    this.askLit();
  }

  isWanted(path, frame) {
    return path === this.scene.clip.path && frame === this.scene.frame;
  }

  gotSource(bitmap, { path, frame }) {
    if (!this.isWanted(path, frame)) return;
    this.picture.setSource(bitmap);
    this.picture.canvas.setAttribute("aria-label", `${baseName(path)}, frame ${frame}, relit`);
    this.source = { path, frame };
    if (this.isOfSource(this.early)) this.picture.setLit(this.early.picture);
  }

  gotLit({ picture, light, seconds, section }, asked) {
    const { path, media_frame: frame } = asked;
    if (!this.isWanted(path, frame)) return;
    const { mask, mask_grow } = this.scene.part;
    if (section && asked.mask === mask && asked.mask_grow === mask_grow)
      this.section = [Number(section.first ?? 0), Number(section.end)];
    this.early = { path, frame, picture };
    if (this.isOfSource(this.early)) this.picture.setLit(picture);
    const { exposure } = light;
    if (exposure !== undefined && exposure !== this.scene.solved)
      this.scene.set({ solved: exposure });
    this.told(seconds, asked.whole_section);
  }

  isOfSource(lit) {
    return lit?.path === this.source?.path && lit?.frame === this.source?.frame;
  }

  refused(problem) {
    this.state.textContent = "No preview";
    complain(problem);
  }

  told(seconds = this.seconds, isWhole = this.isWhole) {
    Object.assign(this, { seconds, isWhole });
    const notes = [isWhole ? "" : QUICK, this.scene.engine === "draft" ? "" : OTHER_ENGINE];
    const took = `Preview in ${Math.round(1000 * seconds)} ms`;
    this.state.textContent = seconds === undefined ? "" : [took, ...notes].join("");
  }
}

async function lit(asked) {
  const answer = await call("Preview", asked);
  return { ...answer, picture: await bitmap(answer.image) };
}
