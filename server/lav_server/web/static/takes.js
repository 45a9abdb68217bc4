/** The takes: one list, with names and notes that every browser sees. */

import { go } from "./address.js";
import { post } from "./api.js";
import { button, el } from "./element.js";
import { filled } from "./light.js";
import { say, trying } from "./message.js";
import { baseName, clock, duration } from "./words.js";

export class Takes {
  constructor(page) {
    this.page = page;
    this.list = el("ul", { class: "files" });
    this.name = el("input", {
      type: "text",
      id: "take-name",
      maxlength: 120,
      onchange: trying(() => this.keep()),
    });
    this.notes = el("textarea", {
      id: "take-notes",
      rows: 3,
      maxlength: 4000,
      onchange: trying(() => this.keep()),
    });
    this.report = el("dl", { class: "report" });
    this.about = el(
      "div",
      { class: "about" },
      el("div", { class: "field" }, el("label", { for: "take-name" }, "Name"), this.name),
      el("div", { class: "field" }, el("label", { for: "take-notes" }, "Notes"), this.notes),
      this.report,
      el(
        "div",
        { class: "choices" },
        button(
          "New version from this light",
          trying(() => this.again()),
        ),
        button(
          "Copy path",
          trying(() => this.copy()),
          { class: "quiet" },
        ),
      ),
    );
    this.element = el(
      "section",
      { "aria-label": "Takes" },
      el("h2", {}, "Takes"),
      this.list,
      this.about,
    );
  }

  title(job) {
    return this.page.jobs.names[job.id]?.name || baseName(job.take.path);
  }

  draw(chosen) {
    this.element.hidden = !chosen;
    if (!chosen) return;
    const { takes, names } = this.page.jobs;
    const wanted = JSON.stringify([chosen.id, takes.map((job) => [job.id, names[job.id]])]);
    if (wanted === this.drawn) return;
    this.drawn = wanted;
    this.put(takes.map((job) => this.row(job, job.id === chosen.id)));
    const isOther = this.job?.id !== chosen.id;
    this.job = chosen;
    const kept = names[chosen.id] ?? {};
    if (isOther || document.activeElement !== this.name) this.name.value = kept.name ?? "";
    if (isOther || document.activeElement !== this.notes) this.notes.value = kept.notes ?? "";
    this.name.placeholder = baseName(chosen.take.path);
    this.report.replaceChildren(...told(chosen));
  }

  /** The row that has the keyboard keeps it. */
  put(rows) {
    const { job } = this.list.contains(document.activeElement) ? document.activeElement.dataset : {};
    this.list.replaceChildren(...rows);
    if (job) this.list.querySelector(`[data-job="${job}"]`)?.focus();
  }

  row(job, isChosen) {
    const show = () => go({ view: "compare", job: job.id });
    const row = button(this.title(job), show, {
      "aria-pressed": String(isChosen),
      "data-job": job.id,
    });
    row.append(el("span", { class: "quiet" }, clock(job.updated)));
    return el("li", {}, row);
  }

  async keep() {
    const said = { name: this.name.value.trim(), notes: this.notes.value };
    await post(`/takes/${this.job.id}`, said);
    this.page.jobs.names = { ...this.page.jobs.names, [this.job.id]: said };
    this.page.jobs.dispatchEvent(new Event("change"));
  }

  /** Its light, clip and range on the table again. */
  again() {
    const { request, take } = this.job;
    const { scene } = this.page;
    go({ view: "relight", clip: take.clip.path });
    const change = () => {
      const first = Number(take.clip.first ?? 0);
      scene.relight(filled(take.light), {
        first,
        end: first + Number(take.clip.count),
        frame: first,
        amount: take.amount ?? 1,
        engine: take.engine,
        mask: request.mask ?? "",
        grow: request.mask_grow ?? 0,
        scope: request.scope ?? "SCOPE_BOTH",
        preset: "",
        unmatched: [],
      });
    };
    if (scene.clip?.path === take.clip.path) return change();
    const wait = () =>
      scene.clip?.path === take.clip.path && (scene.removeEventListener("change", wait), change());
    scene.addEventListener("change", wait);
  }

  async copy() {
    await navigator.clipboard.writeText(this.job.take.path);
    say("The take's path is on the clipboard.");
  }
}

function told({ take }) {
  const rows = {
    File: take.path,
    Picture: `${take.width} × ${take.height}, ${take.codec.slice(6)}`,
    Engine: `${take.engine} ${take.engine_version}`,
    Amount: `${Math.round(100 * (take.amount ?? 1))} %`,
    Exposure: take.light?.exposure === undefined ? "" : `${take.light.exposure.toFixed(2)} EV`,
    Timecode: take.timecode,
    Took: duration(take.seconds ?? 0),
    Warnings: (take.warnings ?? []).join(" "),
    "Not understood": (take.unmatched_words ?? []).join(", "),
  };
  return Object.entries(rows).flatMap(([name, text]) =>
    text ? [el("dt", {}, name), el("dd", {}, text)] : [],
  );
}
