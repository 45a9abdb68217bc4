/** Two videos of the same frames that run in step. */

import { el } from "./element.js";

const LATE = 250; // ms after which frames that do not match are shown all the same

export class Pair {
  /** `drawn` is called whenever both show the same frame. */
  constructor(drawn) {
    this.drawn = drawn;
    const video = () => el("video", { "aria-hidden": "true", playsinline: true, preload: "auto" });
    this.videos = [video(), video()];
    [this.source, this.take] = this.videos;
    this.at = [-1, -1]; // the frame that each one shows
    this.number = 0;
    for (const [index, one] of this.videos.entries()) {
      one.muted = true;
      this.watch(one, index);
      for (const event of ["seeked", "loadeddata"])
        one.addEventListener(event, () => this.settle());
    }
    this.take.addEventListener("ended", () => this.again());
  }

  play(source, take, fps) {
    this.fps = fps;
    [this.source.src, this.take.src] = [source, take];
    this.seek(0);
  }

  /** To the middle of a frame, where rounding shows no neighbour. */
  seek(number) {
    this.number = number;
    this.source.playbackRate = 1;
    for (const one of this.videos) one.currentTime = (number + 0.5) / this.fps;
  }

  async run() {
    this.isPlaying = true;
    await Promise.all(this.videos.map((one) => one.play()));
    this.follow();
  }

  pause() {
    this.isPlaying = false;
    for (const one of this.videos) one.pause();
    if (this.fps) this.seek(this.number);
  }

  again() {
    for (const one of this.videos) one.currentTime = 0;
    if (this.isPlaying) this.run();
  }

  watch(video, index) {
    video.requestVideoFrameCallback((now, { mediaTime }) => {
      this.at[index] = Math.round(mediaTime * this.fps);
      this.look(now);
      this.watch(video, index);
    });
  }

  /** Standing still: once both are where they were sent. */
  settle() {
    const isThere = this.videos.every((one) => !one.seeking && one.readyState >= 2);
    if (isThere && !this.isPlaying) this.drawn();
  }

  look(now) {
    const [source, take] = this.at;
    const isLate = now - this.drawnAt > LATE && source >= 0;
    if (!this.isPlaying || (source !== take && !isLate)) return;
    this.drawnAt = now;
    this.number = take;
    this.drawn();
  }

  /** The source keeps to the take: a little faster or slower, or put right when far off. */
  follow() {
    if (!this.isPlaying) return;
    const off = this.take.currentTime - this.source.currentTime;
    const isNear = Math.abs(off) < 4 / this.fps;
    if (!isNear) this.source.currentTime = this.take.currentTime;
    this.source.playbackRate = isNear ? Math.max(0.5, Math.min(1.5, 1 + 4 * off)) : 1;
    requestAnimationFrame(() => this.follow());
  }
}
