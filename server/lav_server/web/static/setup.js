/** The Setup view: what the doctor finds, editors and models. */

import { get, post } from "./api.js";
import { button, el } from "./element.js";
import { trying } from "./message.js";
import { Models } from "./models.js";
import { Stream } from "./stream.js";

const STATES = { ok: "Fine", warn: "Look", fail: "Wrong" };
const NONE_FOUND = "No editor was found on this computer.";
const NO_INSTALL = "This version cannot install into an editor by itself; the guide says how.";

export class Setup {
  static title = "Setup";

  constructor() {
    this.models = new Models();
    this.hosts = el("div", {});
    this.doctor = el("div", {});
    this.state = el("p", { class: "quiet", role: "status" });
    const log = { class: "tasks", role: "log", "aria-label": "What is being set up", tabindex: 0 };
    this.tasks = el("div", { ...log, hidden: true });
    const again = button(
      "Check again",
      trying(() => this.look()),
      { class: "quiet" },
    );
    const checks = el("div", { class: "line" }, el("h2", {}, "Checks"), again);
    this.found = el(
      "div",
      { class: "found", hidden: true },
      el("section", { "aria-label": "Checks" }, checks, this.doctor),
      el("section", { "aria-label": "Editors" }, el("h2", {}, "Editors"), this.hosts),
      this.models.element,
    );
    this.element = el("div", { class: "setup" }, this.state, this.tasks, this.found);
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
      this.drawDoctor(doctor ?? []);
      this.drawHosts(hosts);
      this.models.draw(models ?? []);
      this.found.hidden = false;
    } finally {
      this.state.textContent = "";
    }
  }

  /** What needs an eye first; what is fine is there for who wants to know. */
  drawDoctor(findings) {
    const open = findings.filter(isOpen);
    const fine = findings.filter((one) => !isOpen(one));
    const summary = el("summary", {}, `${fine.length} checks are fine`);
    const rest = el("details", { open: !open.length }, summary, fine.map(finding));
    this.doctor.replaceChildren(...open.map(finding), rest);
  }

  drawHosts(hosts) {
    const rows = (hosts ?? []).map(host);
    const none = el("p", { class: "quiet" }, hosts ? NONE_FOUND : NO_INSTALL);
    this.hosts.replaceChildren(...(rows.length ? rows : [none]));
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

const isOpen = ({ state, fix }) => state !== "ok" || Boolean(fix);

function finding({ name, state, text, fix }) {
  const word = state === "ok" && fix ? "Note" : (STATES[state] ?? state);
  const verdict = el("span", { class: "verdict" }, word);
  const hint = fix ? el("span", { class: "quiet" }, fix) : null;
  return el("p", { class: `finding ${state}` }, verdict, el("span", {}, `${name}: ${text}`), hint);
}

function host({ host: name, title, version, installed }) {
  const text = installed ? `Install in ${title} again` : `Install in ${title}`;
  const act = button(
    text,
    trying(() => post("/setup/install", { host: name })),
  );
  const state = [title, version, installed ? "installed" : "not installed"];
  return el("div", { class: "line" }, el("span", {}, state.filter(Boolean).join(" · ")), act);
}
