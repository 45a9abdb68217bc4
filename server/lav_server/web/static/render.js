/** What is rendered, by which engine, where it goes, what it will take; and the button. */

import { go } from "./address.js";
import { Problem, call, get } from "./api.js";
import { button, choice, el, fill } from "./element.js";
import { STAGES, STATES } from "./jobs.js";
import { complain, say, trying } from "./message.js";
import { baseName, duration, folderOf, size } from "./words.js";

const REST = 700; // ms without a change before the estimate is asked for
const DELIVERIES = { DELIVERY_LIGHT: "Keep camera picture", DELIVERY_PICTURE: "Use generated picture" };

export class Render {
  constructor(scene, page) {
    Object.assign(this, { scene, page });
    this.engine = choice("Engine", page.info.engines.map((one) => [one.name, one.title]), (engine) => scene.set({ engine }));
    this.delivery = choice("Picture", [], () => this.wait());
    this.codec = choice("File", page.info.codecs.map((one) => [one.codec, one.title]), () => this.rename());
    this.path = el("input", { type: "text", "aria-label": "Save as", spellcheck: "false", onchange: () => this.wait() });
    this.about = el("p", { class: "quiet" });
    this.estimate = el("p", { class: "estimate", role: "status" });
    this.bar = el("progress", { max: 1, hidden: true, "aria-label": "Render" });
    this.done = el("p", { class: "line" });
    this.go = button("Relight", trying(() => this.submit()), { class: "main" });
    this.element = el(
      "section",
      { class: "render", "aria-label": "Render" },
      el("h2", {}, "Render"),
      this.engine.row,
      this.about,
      this.delivery.row,
      this.codec.row,
      el("div", { class: "field" }, el("span", {}, "Save as"), this.path),
    );
    this.act = el("section", { class: "act", "aria-label": "Relight" }, this.estimate, this.bar, this.done, this.go);
    scene.on(["clip"], trying(() => this.rename(true)));
    scene.on(["engine"], () => this.draw());
    scene.on(["clip", "first", "end", "engine", "mask", "scope"], () => this.wait());
    page.jobs.addEventListener("change", () => this.follow());
  }

  draw() {
    const engine = this.page.info.engines.find((one) => one.name === this.scene.engine);
    this.engine.select.value = this.scene.engine;
    this.about.textContent = engine?.summary ?? "";
    const deliveries = engine?.limits?.deliveries ?? [];
    fill(this.delivery.select, deliveries.map((name) => [name, DELIVERIES[name]]));
    this.delivery.row.hidden = deliveries.length < 2;
  }

  /** A name beside the clip that nothing has yet. */
  async rename(isNew = false) {
    const { clip } = this.scene;
    this.element.hidden = this.act.hidden = !clip;
    if (!clip) return;
    if (isNew) this.codec.select.value = clip.codec === "ffv1" ? "CODEC_FFV1" : clip.bit_depth > 8 ? "CODEC_PRORES" : "CODEC_H264";
    const folder = folderOf(clip.path);
    const { clips = [] } = await get(`/browse?${new URLSearchParams({ folder })}`).catch(() => ({}));
    this.path.value = `${folder}/${free(clip.path, this.suffix, clips)}`;
    this.wait();
  }

  get suffix() {
    const codec = this.page.info.codecs.find((one) => one.codec === this.codec.select.value);
    const own = this.scene.clip.path.match(/\.\w+$/)?.[0].toLowerCase();
    return codec.suffixes.includes(own) ? own : codec.suffixes[0];
  }

  get request() {
    const { clip, first, end, engine, mask, scope, amount, asked } = this.scene;
    const range = { path: clip.path, first, count: end - first };
    const output = { path: this.path.value, codec: this.codec.select.value, for_host: Boolean(this.page.host.offer) };
    const delivery = this.delivery.row.hidden ? undefined : this.delivery.select.value;
    return { clip: range, light: asked, engine, mask, scope, delivery, amount, output };
  }

  wait() {
    clearTimeout(this.due);
    if (this.scene.clip) this.due = setTimeout(() => this.plan(), REST);
  }

  async plan() {
    const turn = (this.turn = Symbol("plan"));
    this.estimate.textContent = "Estimating…";
    try {
      const plan = await call("PlanJob", { request: this.request });
      if (turn === this.turn) this.estimate.replaceChildren(...told(plan));
    } catch (problem) {
      if (turn === this.turn) this.estimate.textContent = `${problem.message} ${problem.hint ?? ""}`;
    }
  }

  async submit() {
    this.go.disabled = true;
    try {
      const job = await this.sent();
      this.job = job.id;
      await this.page.host.started(job.id);
      say(`${baseName(job.request.clip.path)} is in the queue.`, { action: ["Show queue", () => go({ view: "queue" })] });
      this.follow();
      this.rename();
    } finally {
      this.go.disabled = false;
    }
  }

  /** With the next name where a render before this one is still writing to this one. */
  async sent() {
    for (let tries = 0; ; tries++)
      try {
        return await call("SubmitJob", { request: this.request, idempotency_key: crypto.randomUUID() });
      } catch (problem) {
        if (problem.code !== "OUTPUT_EXISTS" || tries === 20) throw problem;
        this.path.value = `${folderOf(this.path.value)}/${next(baseName(this.path.value))}`;
      }
  }

  follow() {
    const job = this.page.jobs.find(this.job);
    this.bar.hidden = !job || job.state === "JOB_STATE_DONE";
    if (!job) return this.done.replaceChildren();
    this.bar.value = job.progress?.fraction ?? 0;
    const said = job.state === "JOB_STATE_RUNNING" ? (STAGES[job.progress?.stage] ?? "Rendering") : STATES[job.state];
    if (said === this.said) return;
    this.said = said;
    const look = job.state === "JOB_STATE_DONE" ? button("Compare", () => go({ view: "compare", job: job.id })) : null;
    this.done.replaceChildren(el("span", { role: "status" }, said), ...(look ? [look] : []));
    if (job.problem) complain(new Problem(job.problem));
  }
}

/** `clip_relit.mp4`, then `clip_relit_v002.mp4`. */
function free(path, suffix, taken) {
  let name = `${baseName(path).replace(/\.\w+$/, "")}_relit${suffix}`;
  while (taken.includes(name)) name = next(name);
  return name;
}

function next(name) {
  const [, stem, number, suffix] = name.match(/^(.*?)(?:_v(\d{3,}))?(\.\w+)?$/);
  return `${stem}_v${String(Number(number ?? 1) + 1).padStart(3, "0")}${suffix ?? ""}`;
}

function told(plan) {
  const parts = [
    `About ${duration(plan.seconds ?? 0)}`,
    `${plan.windows ?? 0} ${plan.windows === 1 ? "section" : "sections"}`,
    `${size(plan.disk_bytes ?? 0)} disk`,
    `${size(plan.memory_bytes ?? 0)} memory`,
    plan.device,
  ];
  const shots = plan.shots?.length > 1 ? [`${plan.shots.length} shots, each lit separately.`] : [];
  const warnings = [...shots, ...(plan.warnings ?? [])].map((text) => el("span", { class: "warn" }, text));
  return [parts.filter(Boolean).join(" · "), ...warnings];
}
