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
      button(
        "Place as take",
        trying(() => this.resolve("VERDICT_TAKEN", "take")),
      ),
      button(
        "Track above",
        trying(() => this.resolve("VERDICT_TAKEN", "above")),
      ),
      button(
        "Discard",
        trying(() => this.resolve("VERDICT_DISCARDED")),
      ),
    );
    this.element = el(
      "section",
      { "aria-label": "Editor", hidden: true },
      el("h2", {}, "From the editor"),
      this.list,
      this.state,
      this.back,
    );
    this.session = here().host;
    if (this.session)
      this.stream = new Stream(`/host/${encodeURIComponent(this.session)}`, {
        host: (told) => this.heard(told),
      });
    page.jobs.addEventListener("change", () => this.draw());
  }

  get name() {
    return NAMES[this.about?.host] ?? this.about?.host ?? "Editor";
  }

  heard(told) {
    this.element.hidden = this.chip.hidden = false;
    if (told.has_ended) return this.end();
    this.about = told;
    this.offers = told.offers;
    this.chip.textContent = [this.name, this.about.host_version, this.about.project]
      .filter(Boolean)
      .join(" · ");
    const newest = this.offers.at(-1);
    if (newest && newest.offer !== this.newest) {
      const isFirst = this.newest === undefined;
      this.newest = newest.offer;
      if (!isFirst || ["", "relight"].includes(here().view)) trying(() => this.choose(newest))();
      else this.offer = newest;
    }
    this.offer = this.offers.find((one) => one.offer === this.offer?.offer) ?? this.offer;
    this.draw();
  }

  end() {
    this.stream.close();
    this.offer = null;
    this.list.hidden = this.back.hidden = true;
    this.chip.textContent = "Editor gone";
    this.state.textContent = "The editor's session has ended. Send the clip again from there.";
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
    await post(`/host/${encodeURIComponent(this.session)}/result`, {
      offer: this.offer.offer,
      verdict,
      place,
    });
    if (!place) say("The take stays on disk, and the editor's clip as it was.");
  }

  draw() {
    if (!this.offer) return;
    const wanted = this.offers.map((one) => [one.offer, one.offer === this.offer.offer]).join();
    if (wanted !== this.drawn) {
      this.drawn = wanted;
      this.list.replaceChildren(
        ...this.offers.map((one) =>
          button(
            one.clip.name || "Clip",
            trying(() => this.choose(one)),
            { "aria-pressed": String(one.offer === this.offer.offer) },
          ),
        ),
      );
    }
    const isDone = this.page.jobs.find(this.offer.job)?.state === "JOB_STATE_DONE";
    const { place, verdict, problem } = this.offer;
    this.back.hidden = !isDone || Boolean(verdict) || (Boolean(place) && !problem);
    const text = this.told(isDone);
    if (this.state.textContent !== text) this.state.textContent = text;
  }

  /** Where the offer stands, in words. */
  told(isDone) {
    const { place, verdict, problem } = this.offer;
    if (problem) return `${problem.message} ${problem.hint ?? ""}`;
    if (verdict === "VERDICT_TAKEN") return `${this.name} has placed the take.`;
    if (verdict) return `Discarded; ${this.name} keeps its clip as it was.`;
    if (place) return `${this.name} is placing the take.`;
    return isDone
      ? `The take is ready for ${this.name}.`
      : `${this.name} waits for a take of this clip.`;
  }
}
