/** The Compare view: a take over its source, all takes, and what is measured of them. */

import { go } from "./address.js";
import { get } from "./api.js";
import { el } from "./element.js";
import { complain } from "./message.js";
import { Measures } from "./measures.js";
import { Takes } from "./takes.js";
import { Wipe } from "./wipe.js";

const AGAIN = 500; // ms between looks at copies that are being made

export class Compare {
  static title = "Compare";

  constructor(page) {
    this.page = page;
    this.wipe = new Wipe();
    this.takes = new Takes(page);
    this.measures = new Measures();
    this.bar = el("progress", { max: 1, "aria-label": "Small copies for playing" });
    this.making = el(
      "p",
      { class: "line", role: "status", hidden: true },
      "Making small copies of both for playing",
      this.bar,
    );
    this.none = el("p", { class: "quiet" }, "No take yet. Relight a clip, and it is here.");
    this.element = el(
      "div",
      { class: "compare" },
      el("div", { class: "table" }, this.none, this.making, this.wipe.element),
      el("div", { class: "side" }, this.takes.element, this.measures.element),
    );
    page.jobs.addEventListener("change", () => this.isShown && this.open(this.asked));
    addEventListener(
      "keydown",
      (event) => this.isShown && (this.pick(event), this.wipe.pressed(event, true)),
    );
    addEventListener("blur", () => this.wipe.hold(false));
    addEventListener("keyup", (event) => this.isShown && this.wipe.pressed(event, false));
  }

  show({ job }) {
    this.isShown = true;
    this.asked = job;
    this.open(job);
  }

  /** Takes by their number: 1 is the newest. */
  pick({ key, target, ctrlKey }) {
    const take = this.page.jobs.takes[Number(key) - 1];
    if (take && !ctrlKey && !target.matches("input, textarea")) go({ job: take.id });
  }

  hide() {
    this.isShown = false;
    this.wipe.pause();
  }

  /** The take of that render; the newest one where none is named. */
  open(id) {
    const job = this.page.jobs.find(id);
    const take = job?.state === "JOB_STATE_DONE" ? job : this.page.jobs.takes[0];
    this.none.hidden = Boolean(take) || !this.page.jobs.isKnown;
    this.wipe.element.hidden = !take;
    this.takes.draw(take);
    if (!take || take.id === this.opened) return;
    this.opened = take.id;
    this.measures.show(take);
    this.play(take).catch(complain);
  }

  async play(job) {
    this.wipe.clear();
    for (;;) {
      const made = await get(`/video/${job.id}/state`);
      if (this.opened !== job.id) return;
      const part = Math.min(made.source ?? 0, made.take ?? 0);
      this.making.hidden = part >= 1;
      this.bar.value = part;
      if (part >= 1) break;
      await new Promise((resolve) => setTimeout(resolve, AGAIN));
    }
    this.wipe.play(`/video/${job.id}/source.mp4`, `/video/${job.id}/take.mp4`, job.take.clip);
  }
}
