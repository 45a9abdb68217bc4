/** What the picture shows: the source's frame and the light on it, asked for as both change. */

import { bitmap, call, frame, series } from "./api.js";
import { el } from "./element.js";
import { clear, complain } from "./message.js";
import { Newest } from "./newest.js";
import { baseName } from "./words.js";

const WIDEST = 960; // pixels of a preview: more than this is not seen on a pad
const OTHER_ENGINE = " · the pad shows Draft, the render is the engine's own";

export class Previews {
  /** `busy` hears whether a preview is on its way. */
  constructor(scene, picture, jobs, busy) {
    Object.assign(this, { scene, picture });
    this.state = el("span", { class: "quiet", role: "status" });
    this.sources = new Newest(
      (asked) => frame(asked.path, asked.frame, WIDEST),
      (got, asked) => this.gotSource(got, asked),
      complain,
    );
    this.lights = new Newest(
      (asked) => lit(asked),
      (got, asked) => this.gotLit(got, asked),
      (problem) => this.refused(problem),
      busy,
    );
    scene.on(["clip", "frame"], () => this.askSource());
    scene.on(["clip", "frame", "light", "mask", "scope"], () => this.askLit());
    scene.on(["engine"], () => this.told());
    jobs.addEventListener("back", () => this.askAgain());
  }

  askSource() {
    const { clip, frame } = this.scene;
    if (clip) this.sources.want({ path: clip.path, frame });
  }

  askLit() {
    const { clip, frame, asked, mask, scope } = this.scene;
    const what = { media_frame: frame, light: asked, mask, scope, width: WIDEST };
    if (clip) this.lights.want({ path: clip.path, ...what, series: series("pad") });
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

  gotLit({ picture, light, seconds }, { path, media_frame: frame }) {
    if (!this.isWanted(path, frame)) return;
    this.early = { path, frame, picture };
    if (this.isOfSource(this.early)) this.picture.setLit(picture);
    const { exposure } = light;
    if (exposure !== undefined && exposure !== this.scene.solved)
      this.scene.set({ solved: exposure });
    this.told(seconds);
  }

  isOfSource(lit) {
    return lit?.path === this.source?.path && lit?.frame === this.source?.frame;
  }

  refused(problem) {
    this.state.textContent = "No preview";
    complain(problem);
  }

  told(seconds = this.seconds) {
    this.seconds = seconds;
    const note = this.scene.engine === "draft" ? "" : OTHER_ENGINE;
    const took = `Preview in ${Math.round(1000 * seconds)} ms`;
    this.state.textContent = seconds === undefined ? "" : `${took}${note}`;
  }
}

async function lit(asked) {
  const answer = await call("Preview", asked);
  return { ...answer, picture: await bitmap(answer.image) };
}
