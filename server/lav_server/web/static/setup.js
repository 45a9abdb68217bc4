/** The Setup view: models, editors, and what the doctor finds. */

import { get, post } from "./api.js";
import { button, el } from "./element.js";
import { trying } from "./message.js";
import { Stream } from "./stream.js";
import { size } from "./words.js";

const STATES = { ok: "Fine", info: "Note", warn: "Look", warning: "Look", bad: "Wrong", fail: "Wrong", error: "Wrong" };

export class Setup {
  static title = "Setup";

  constructor() {
    this.models = el("tbody", {});
    this.hosts = el("div", {});
    this.doctor = el("ul", { class: "findings" });
    this.tasks = el("div", { class: "tasks", role: "log", "aria-label": "What is being set up", tabindex: 0, hidden: true });
    this.state = el("p", { class: "quiet", role: "status" });
    const head = ["Model", "Size", "GPU memory", "Licence", "Here", ""].map((text) => (text ? el("th", { scope: "col" }, text) : el("td", {})));
    this.element = el(
      "div",
      { class: "setup" },
      this.state,
      this.tasks,
      el("section", { "aria-label": "Checks" }, el("div", { class: "line" }, el("h2", {}, "Checks"), button("Check again", trying(() => this.look()), { class: "quiet" })), this.doctor),
      el("section", { "aria-label": "Editors" }, el("h2", {}, "Editors"), this.hosts),
      el("section", { "aria-label": "Models" }, el("h2", {}, "Models"), el("p", { class: "quiet" }, "Draft needs none. The others are fetched from where they are published, only when you say so."), el("table", {}, el("thead", {}, el("tr", {}, head)), this.models)),
    );
  }

  show() {
    trying(() => this.look())();
    this.stream ??= new Stream("/setup/tasks", { task: (task) => this.heard(task) });
  }

  hide() {
    this.stream?.close();
    this.stream = null;
  }

  async look() {
    this.state.textContent = "Looking at this computer…";
    try {
      const { doctor, models, hosts } = await get("/setup");
      this.doctor.replaceChildren(...(doctor ?? []).map(finding));
      this.models.replaceChildren(...(models ?? []).map((model) => this.model(model)));
      this.drawHosts(hosts);
    } finally {
      this.state.textContent = "";
    }
  }

  model(model) {
    const start = (what) => trying(() => post(`/setup/models/${what}`, { name: model.name }));
    const name = model.licence?.name ?? "unknown";
    const licence = model.licence?.url ? el("a", { href: model.licence.url, target: "_blank", rel: "noreferrer" }, name) : name;
    const act = model.whole
      ? button("Verify", start("verify"), { "aria-label": `Verify ${model.title}` })
      : button("Fetch", start("pull"), { "aria-label": `Fetch ${model.title}` });
    const cells = [model.bytes ? size(model.bytes) : "", model.vram_bytes ? size(model.vram_bytes) : "not measured", licence, model.whole ? "yes" : model.path ? "in part" : "no", act];
    return el("tr", {}, el("th", { scope: "row" }, model.title), cells.map((cell) => el("td", {}, cell)));
  }

  drawHosts(hosts) {
    const rows = (hosts ?? []).map((host) => this.hostRow(host));
    const text = hosts ? "No editor was found on this computer." : "This version cannot install into an editor by itself; the guide says how.";
    const none = el("p", { class: "quiet" }, text);
    this.hosts.replaceChildren(...(rows.length ? rows : [none]));
  }

  hostRow(host) {
    const { host: name, title, version, installed } = host;
    const act = button(installed ? `Install in ${title} again` : `Install in ${title}`, trying(() => post("/setup/install", { host: name })));
    return el("div", { class: "line" }, el("span", {}, [title, version, installed ? "installed" : "not installed"].filter(Boolean).join(" · ")), act);
  }

  /** A line of a task, or its end. */
  heard({ title, line, exit = null }) {
    const end = exit === 0 ? "finished" : `ended with code ${exit}`;
    this.tasks.hidden = false;
    this.tasks.append(el("p", {}, `${title}: ${line || (exit === null ? "started" : end)}`));
    this.tasks.scrollTop = this.tasks.scrollHeight;
    if (exit !== null) trying(() => this.look())();
  }
}

function finding({ name, state, text, fix }) {
  const word = STATES[state] ?? state;
  return el("li", { class: `finding ${state}` }, el("span", { class: "verdict" }, word), el("span", {}, `${name}: ${text}`), fix ? el("span", { class: "quiet" }, fix) : null);
}
