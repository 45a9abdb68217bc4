/** The Queue view: what renders, what waits, and what has been. */

import { call } from "./api.js";
import { button, el } from "./element.js";
import { JobCard } from "./jobcard.js";
import { OPEN } from "./jobs.js";
import { trying } from "./message.js";
import { size } from "./words.js";

export class Queue {
  static title = "Queue";

  constructor(page) {
    this.page = page;
    this.cards = new Map();
    this.pause = button(
      "Pause queue",
      trying(() => this.toggle()),
    );
    this.about = el("p", { class: "quiet", role: "status" });
    this.open = el("div", { class: "cards" });
    this.past = el("div", { class: "cards" });
    this.none = el("p", { class: "quiet" }, "Nothing has been rendered yet.");
    this.element = el(
      "div",
      { class: "queue" },
      el("div", { class: "line" }, el("h2", {}, "Queue"), this.about, this.pause),
      this.open,
      el("h2", {}, "History"),
      this.none,
      this.past,
    );
    page.jobs.addEventListener("change", () => this.draw());
  }

  show() {
    this.isShown = true;
    this.draw();
  }

  hide() {
    this.isShown = false;
    for (const card of this.cards.values()) card.look(false);
  }

  async toggle() {
    await call(this.page.jobs.isPaused ? "ResumeQueue" : "PauseQueue");
  }

  draw() {
    const { jobs } = this.page;
    if (!this.isShown) return;
    const open = jobs.open.sort(inTurn);
    const past = jobs.all.filter((job) => !OPEN.includes(job.state));
    const waiting = open.filter((job) => job.state === "JOB_STATE_QUEUED");
    this.pause.textContent = jobs.isPaused ? "Resume queue" : "Pause queue";
    const state = jobs.isPaused
      ? "Paused: nothing new starts"
      : open.length
        ? `${open.length - waiting.length} rendering, ${waiting.length} waiting`
        : "Nothing is waiting";
    this.about.textContent = jobs.isKnown ? [state, ...device(jobs)].join(" · ") : "Asking the server…";
    this.none.hidden = !jobs.isKnown || past.length > 0;
    this.arrange(this.open, open, waiting);
    this.arrange(this.past, past, []);
    this.forget(jobs.all);
  }

  /** Cards keep their element, so that focus and what is being read stay. */
  arrange(place, jobs, waiting) {
    const focused = document.activeElement;
    const cards = jobs.map((job) => this.card(job));
    cards.forEach((card, index) => {
      if (place.children[index] !== card.element)
        place.insertBefore(card.element, place.children[index] ?? null);
      const turn = waiting.findIndex((one) => one.id === jobs[index].id);
      card.update(jobs[index], {
        above: waiting[turn - 1],
        below: turn < 0 ? undefined : waiting[turn + 1],
        name: this.page.jobs.names[jobs[index].id]?.name,
      });
      card.look(this.isShown && jobs[index].state === "JOB_STATE_RUNNING");
    });
    if (document.activeElement !== focused) cards.find((card) => card.holds(focused))?.focus(focused);
  }

  card(job) {
    if (!this.cards.has(job.id)) this.cards.set(job.id, new JobCard(job.id));
    return this.cards.get(job.id);
  }

  forget(jobs) {
    const known = new Set(jobs.map((job) => job.id));
    for (const [id, card] of this.cards)
      if (!known.has(id)) {
        card.look(false);
        card.element.remove();
        this.cards.delete(id);
      }
  }
}

/** What renders run on, and how much of its memory is in use. */
const device = ({ device }) =>
  device ? [device.name, `${size(device.used)} of ${size(device.total)} memory used`] : [];

/** What renders first, then by position, then what is paused. */
const inTurn = (a, b) => turn(a) - turn(b) || a.created - b.created;

const turn = (job) =>
  job.state !== "JOB_STATE_QUEUED" ? 0 : job.is_paused ? 1e9 : (job.position ?? 1e8);
