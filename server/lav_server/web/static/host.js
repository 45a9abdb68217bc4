/** The editor that sent a clip: what it offers, and how its take goes back. */

import { go, here } from "./address.js";
import { post } from "./api.js";
import { button, el } from "./element.js";
import { say, trying } from "./message.js";
import { Stream } from "./stream.js";

const NAMES = { blender: "Blender", resolve: "DaVinci Resolve" };

export class Host {
  constructor(page) {
    this.page = page;
    this.offer = null;
    this.offers = [];
    this.chip = document.getElementById("host");
    this.list = el("div", { class: "choices", role: "group", "aria-label": "Clips of the editor" });
    this.state = el("p", { role: "status" });
    this.back = el(
      "div",
      { class: "choices", hidden: true },
      button("Place as take", trying(() => this.resolve("VERDICT_TAKEN", "take"))),
      button("Track above", trying(() => this.resolve("VERDICT_TAKEN", "above"))),
      button("Discard", trying(() => this.resolve("VERDICT_DISCARDED"))),
    );
    this.element = el("section", { "aria-label": "Editor", hidden: true }, el("h2", {}, "From the editor"), this.list, this.state, this.back);
    this.session = here().host;
    if (this.session) this.stream = new Stream(`/host/${encodeURIComponent(this.session)}`, { host: (told) => this.heard(told) });
    page.jobs.addEventListener("change", () => this.draw());
  }

  get name() {
    return NAMES[this.about?.host] ?? this.about?.host ?? "Editor";
  }

  heard(told) {
    this.about = told.session ?? told;
    this.offers = told.offers ?? [];
    this.element.hidden = false;
    this.chip.hidden = false;
    this.chip.textContent = [this.name, this.about.host_version, this.about.project].filter(Boolean).join(" · ");
    const newest = this.offers.at(-1);
    if (newest && newest.offer !== this.newest) {
      this.newest = newest.offer;
      this.choose(newest);
    }
    this.offer = this.offers.find((one) => one.offer === this.offer?.offer) ?? this.offer;
    this.draw();
  }

  async choose(offer) {
    this.offer = offer;
    const { clip } = offer.clip;
    go({ view: "relight", clip: clip.path });
    await this.opened(clip.path);
    const first = Number(clip.first ?? 0);
    const count = Number(clip.count ?? 0) || Number(this.page.scene.clip.frames) - first;
    this.page.scene.set({ first, end: first + count, frame: first });
    this.draw();
  }

  opened(path) {
    return new Promise((resolve) => {
      const look = () => {
        const { scene } = this.page;
        if (scene?.clip?.path !== path) return setTimeout(look, 50);
        resolve();
      };
      look();
    });
  }

  /** A render of what is on the table belongs to the offer that it came from. */
  async started(job) {
    if (!this.offer || this.offer.clip.clip.path !== this.page.scene.clip.path) return;
    this.offer.job = job;
    await post(`/host/${encodeURIComponent(this.session)}/job`, { offer: this.offer.offer, job });
    this.draw();
  }

  async resolve(verdict, place) {
    await post(`/host/${encodeURIComponent(this.session)}/result`, { offer: this.offer.offer, verdict, place });
    this.offer.verdict = verdict;
    say(verdict === "VERDICT_TAKEN" ? `${this.name} is placing the take.` : "The take stays on disk, and the editor's clip as it was.");
    this.draw();
  }

  draw() {
    if (!this.offer) return;
    const wanted = this.offers.map((one) => [one.offer, one.offer === this.offer.offer]).join();
    if (wanted !== this.drawn) {
      this.drawn = wanted;
      this.list.replaceChildren(...this.offers.map((one) => button(one.clip.name || "Clip", trying(() => this.choose(one)), { "aria-pressed": String(one.offer === this.offer.offer) })));
    }
    const job = this.page.jobs.find(this.offer.job);
    const isDone = job?.state === "JOB_STATE_DONE" && !this.offer.verdict;
    this.back.hidden = !isDone;
    const text = isDone ? `The take is ready for ${this.name}.` : this.offer.verdict ? "This clip is settled." : `${this.name} waits for a take of this clip.`;
    if (this.state.textContent !== text) this.state.textContent = text;
  }
}
