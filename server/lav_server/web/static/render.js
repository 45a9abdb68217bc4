/** What is rendered, by which engine, where it goes, what it will take; and the button. */

import { go } from "./address.js";
import { Problem, call, get } from "./api.js";
import { button, choice, el, fill } from "./element.js";
import { STAGES, STATES } from "./jobs.js";
import { Estimate } from "./estimate.js";
import { freeName, nextName } from "./filename.js";
import { complain, say, trying } from "./message.js";
import { baseName, folderOf } from "./words.js";

const DELIVERIES = {
  DELIVERY_LIGHT: "Keep camera picture",
  DELIVERY_PICTURE: "Use generated picture",
};

export class Render {
  constructor(scene, page) {
    Object.assign(this, { scene, page });
    this.engine = choice(
      "Engine",
      page.info.engines.map((one) => [one.name, one.title]),
      (engine) => scene.set({ engine }),
    );
    this.delivery = choice("Picture", [], () => this.wait());
    this.codec = choice(
      "File",
      page.info.codecs.map((one) => [one.codec, one.title]),
      () => this.rename(),
    );
    this.path = el("input", {
      type: "text",
      "aria-label": "Save as",
      spellcheck: "false",
      onchange: () => this.wait(),
    });
    this.about = el("p", { class: "quiet" });
    this.estimate = new Estimate(() => this.request);
    this.bar = el("progress", { max: 1, hidden: true, "aria-label": "Render" });
    this.done = el("p", { class: "line" });
    this.start = button(
      "Relight",
      trying(() => this.submit()),
      { class: "main" },
    );
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
    this.act = el(
      "section",
      { class: "act", "aria-label": "Relight" },
      this.estimate.element,
      this.bar,
      this.done,
      this.start,
    );
    scene.on(
      ["clip"],
      trying(() => this.rename(true)),
    );
    scene.on(["engine"], () => this.draw());
    scene.on(["clip", "first", "end", "engine", "mask", "grow", "scope"], () => this.wait());
    page.jobs.addEventListener("change", () => this.follow());
  }

  draw() {
    const engine = this.page.info.engines.find((one) => one.name === this.scene.engine);
    this.engine.select.value = this.scene.engine;
    this.about.textContent = engine?.summary ?? "";
    const deliveries = engine?.limits?.deliveries ?? [];
    fill(
      this.delivery.select,
      deliveries.map((name) => [name, DELIVERIES[name]]),
    );
    this.delivery.row.hidden = deliveries.length < 2;
  }

  /** A name beside the clip that nothing has yet. */
  async rename(isNew = false) {
    const { clip } = this.scene;
    this.element.hidden = this.act.hidden = !clip;
    if (!clip) return;
    const isRich = clip.bit_depth > 8 || clip.has_alpha;
    if (isNew)
      this.codec.select.value =
        clip.codec === "ffv1" ? "CODEC_FFV1" : isRich ? "CODEC_PRORES" : "CODEC_H264";
    const folder = folderOf(clip.path);
    const { clips = [] } = await get(`/browse?${new URLSearchParams({ folder })}`).catch(
      () => ({}),
    );
    const coming = this.page.jobs.open.map((job) => baseName(job.request.output.path));
    const taken = [...clips, ...coming, this.sending];
    this.path.value = `${folder}/${freeName(clip.path, this.suffix, taken)}`;
    this.path.scrollLeft = this.path.scrollWidth; // the name is at the end
    this.wait();
  }

  get suffix() {
    const codec = this.page.info.codecs.find((one) => one.codec === this.codec.select.value);
    const own = this.scene.clip.path.match(/\.\w+$/)?.[0].toLowerCase();
    return codec.suffixes.includes(own) ? own : codec.suffixes[0];
  }

  get request() {
    const { clip, first, end, engine, part, amount, asked } = this.scene;
    const range = { path: clip.path, first, count: end - first };
    const output = {
      path: this.path.value,
      codec: this.codec.select.value,
      for_host: Boolean(this.page.host.offer),
    };
    const delivery = this.delivery.row.hidden ? undefined : this.delivery.select.value;
    return { clip: range, light: asked, engine, ...part, delivery, amount, output };
  }

  wait() {
    if (this.scene.clip) this.estimate.wait();
  }

  async submit() {
    this.start.disabled = true;
    try {
      const job = await this.sent();
      this.job = job.id;
      this.sending = baseName(job.request.output.path); // not in any list yet
      await this.page.host.started(job.id).catch((problem) => complain(problem)); // it runs anyway
      say(`${baseName(job.request.clip.path)} is in the queue.`, {
        action: ["Show queue", () => go({ view: "queue" })],
      });
      this.follow();
      await this.rename();
    } finally {
      this.start.disabled = false;
    }
  }

  /** With the next name where a render before this one is still writing to this one. */
  async sent() {
    for (let tries = 0; ; tries++)
      try {
        return await call("SubmitJob", {
          request: this.request,
          idempotency_key: crypto.randomUUID(),
        });
      } catch (problem) {
        if (problem.code !== "OUTPUT_EXISTS" || tries === 20) throw problem;
        this.path.value = `${folderOf(this.path.value)}/${nextName(baseName(this.path.value))}`;
      }
  }

  follow() {
    const job = this.page.jobs.find(this.job);
    this.bar.hidden = !job || job.state === "JOB_STATE_DONE";
    if (!job) return this.done.replaceChildren();
    this.bar.value = job.progress?.fraction ?? 0;
    const said =
      job.state === "JOB_STATE_RUNNING"
        ? (STAGES[job.progress?.stage] ?? "Rendering")
        : STATES[job.state];
    if (said === this.said) return;
    this.said = said;
    const look =
      job.state === "JOB_STATE_DONE"
        ? button("Compare", () => go({ view: "compare", job: job.id }))
        : null;
    this.done.replaceChildren(el("span", { role: "status" }, said), ...(look ? [look] : []));
    if (job.problem) complain(new Problem(job.problem));
  }
}
