/** What a render will take, asked for once nothing has changed for a moment. */

import { call } from "./api.js";
import { el } from "./element.js";
import { duration, size } from "./words.js";

const REST = 700; // ms

export class Estimate {
  /** `request` tells what would be rendered. */
  constructor(request) {
    this.request = request;
    this.element = el("p", { class: "estimate", role: "status" });
  }

  wait() {
    clearTimeout(this.due);
    this.due = setTimeout(() => this.ask(), REST);
  }

  async ask() {
    const turn = (this.turn = Symbol("estimate"));
    this.element.textContent = "Estimating…";
    let said;
    try {
      said = told(await call("PlanJob", { request: this.request() }));
    } catch (problem) {
      said = [`${problem.message} ${problem.hint ?? ""}`];
    }
    if (turn === this.turn) this.element.replaceChildren(...said);
  }
}

function told({ seconds = 0, windows = 0, disk_bytes = 0, memory_bytes = 0, ...plan }) {
  const parts = [
    `About ${duration(seconds)}`,
    `${windows} ${windows === 1 ? "section" : "sections"}`,
    `${size(disk_bytes)} disk`,
    `${size(memory_bytes)} memory`,
    plan.device,
  ];
  const { shots = [], warnings = [] } = plan;
  const cuts = shots.length > 1 ? [`${shots.length} shots, each lit separately.`] : [];
  const looks = [...cuts, ...warnings].map((text) => el("span", { class: "warn" }, text));
  return [parts.filter(Boolean).join(" · "), ...looks];
}
