/** One render in the queue: where it is, what can be done with it. */

import { go } from "./address.js";
import { call, pictureAddress } from "./api.js";
import { button, el } from "./element.js";
import { STAGES, STATES } from "./jobs.js";
import { trying } from "./message.js";
import { Stream } from "./stream.js";
import { baseName, clock, duration, frames } from "./words.js";

const STOPPED = ["JOB_STATE_FAILED", "JOB_STATE_CANCELLED"];

export class JobCard {
  constructor(id) {
    this.id = id;
    this.name = el("h3", {});
    this.state = el("p", { class: "state" });
    this.detail = el("p", { class: "quiet" });
    this.problem = el("p", { class: "bad" });
    this.bar = el("progress", { max: 1 });
    this.picture = el("img", { alt: "", hidden: true });
    const act = (text, name, more = () => ({})) =>
      button(
        text,
        trying(() => call(name, { id, ...more() })),
      );
    this.acts = {
      up: button(
        "Move up",
        trying(() => call("MoveJob", { id, before: this.above.id })),
      ),
      down: button(
        "Move down",
        trying(() => call("MoveJob", { id: this.below.id, before: id })),
      ),
      pause: act("Pause", "PauseJob"),
      resume: act("Resume", "ResumeJob"),
      cancel: act("Cancel", "CancelJob"),
      retry: act("Try again", "RetryJob", () => ({ idempotency_key: crypto.randomUUID() })),
      compare: button("Compare", () => go({ view: "compare", job: id })),
    };
    this.element = el(
      "article",
      { class: "job", "data-job": id },
      this.picture,
      el(
        "div",
        { class: "text" },
        this.name,
        this.state,
        this.bar,
        this.detail,
        this.problem,
        el("div", { class: "choices" }, Object.values(this.acts)),
      ),
    );
  }

  update(job, { above, below, name }) {
    Object.assign(this, { above, below });
    const title =
      name || baseName(job.take?.path || job.request.output?.path || job.request.clip.path);
    write(this.name, title);
    write(this.state, said(job));
    this.element.dataset.state = job.state;
    write(this.detail, about(job));
    write(this.problem, job.problem ? `${job.problem.message} ${job.problem.hint ?? ""}` : "");
    this.bar.hidden = !["JOB_STATE_RUNNING", "JOB_STATE_PUBLISHING"].includes(job.state);
    this.bar.value = job.progress?.fraction ?? 0;
    this.bar.setAttribute("aria-label", `${title}: ${said(job)}`);
    for (const [act, isOffered] of Object.entries(this.offered(job)))
      this.acts[act].hidden = !isOffered;
  }

  offered(job) {
    const waits = job.state === "JOB_STATE_QUEUED";
    const works = waits || job.state === "JOB_STATE_RUNNING";
    return {
      up: waits && Boolean(this.above),
      down: waits && Boolean(this.below),
      pause: works && !job.is_paused,
      resume: works && Boolean(job.is_paused),
      cancel: works,
      retry: STOPPED.includes(job.state),
      compare: job.state === "JOB_STATE_DONE",
    };
  }

  holds(element) {
    return this.element.contains(element);
  }

  /** Moving a card takes the keyboard from it, and so does what is no longer offered. */
  focus(act) {
    const offered = Object.values(this.acts).find((one) => !one.hidden);
    (act.hidden ? offered : act)?.focus();
  }

  /** Pictures of a render are sent only while somebody looks. */
  look(isLooking) {
    if (isLooking === Boolean(this.stream)) return;
    this.stream?.close();
    this.stream = isLooking
      ? new Stream(`/events/${this.id}`, { job: (event) => this.heard(event) })
      : null;
    if (!isLooking) this.picture.hidden = true;
  }

  heard({ preview }) {
    if (!preview) return;
    this.picture.src = pictureAddress(preview);
    this.picture.alt = "The newest frame that was lit";
    this.picture.hidden = false;
  }
}

function said(job) {
  const eta = job.progress?.eta_seconds ?? job.eta_seconds;
  const left = eta === undefined ? "" : ` · about ${duration(eta)} left`;
  if (job.state === "JOB_STATE_QUEUED")
    return job.is_paused
      ? "Paused"
      : `Waiting${job.position ? `, number ${job.position}` : ""}${left}`;
  if (job.state !== "JOB_STATE_RUNNING") return STATES[job.state] ?? job.state;
  const { stage, fraction = 0 } = job.progress ?? {};
  return `${STAGES[stage] ?? "Starting"} · ${Math.round(100 * fraction)} %${left}`;
}

function about(job) {
  const { clip, engine } = job.request;
  const count = Number(clip.count ?? 0);
  const took = job.take?.seconds ? `took ${duration(job.take.seconds)}` : "";
  return [
    baseName(clip.path),
    count ? frames(count) : "",
    engine || "draft",
    clock(job.created),
    took,
  ]
    .filter(Boolean)
    .join(" · ");
}

/** Screen readers read what changes, so nothing is written that has not. */
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
  element.hidden = !text;
}
