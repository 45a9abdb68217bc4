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
    this.number = 0;
    this.pictures = this.videos.map(() => el("canvas", {})); // the same frame of both
    this.pens = this.pictures.map((one) => one.getContext("2d"));
    for (const one of this.videos) {
      one.muted = true;
      this.watch(one);
      for (const event of ["seeked", "loadeddata"])
        one.addEventListener(event, () => this.settle());
    }
    this.take.addEventListener("ended", () => this.again());
  }

  play(source, take, fps) {
    this.fps = fps;
    [this.source.src, this.take.src] = [source, take];
    this.shown = false;
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
    if (!this.isPlaying) return;
    for (const one of this.videos) one.currentTime = 0;
    this.run();
  }

  watch(video) {
    video.requestVideoFrameCallback((now) => {
      this.look(now);
      this.watch(video);
    });
  }

  /** Standing still: once both are where they were sent. */
  settle() {
    const isThere = this.videos.every((one) => !one.seeking && one.readyState >= 2);
    if (!isThere || this.isPlaying) return;
    this.keep(() => true);
    this.drawn();
  }

  look(now) {
    if (!this.isPlaying) return this.settle();
    if (!this.videos.every((one) => one.readyState >= 2)) return;
    const isLate = now - this.drawnAt > LATE;
    const isNew = (source, take) => (source === take && take !== this.number) || isLate;
    if (!this.keep(isNew)) return;
    this.drawnAt = now;
    this.drawn();
  }

  /** Keeps what both show now, by the time of the very pictures: what a video has just told of is
      not always what is drawn of it. */
  keep(isWanted) {
    const frames = this.videos.map((one) => new VideoFrame(one));
    const numbers = frames.map((frame) => Math.round((frame.timestamp * this.fps) / 1e6));
    const isKept = isWanted(...numbers);
    if (isKept) frames.forEach((frame, index) => this.copy(frame, index));
    if (isKept && this.isPlaying) this.number = numbers[1];
    for (const frame of frames) frame.close();
    return isKept;
  }

  copy(frame, index) {
    const [picture, { videoWidth: width, videoHeight: height }] = [
      this.pictures[index],
      this.videos[index],
    ];
    if (picture.width !== width || picture.height !== height)
      Object.assign(picture, { width, height });
    this.pens[index].drawImage(frame, 0, 0, width, height);
    this.shown = true;
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
