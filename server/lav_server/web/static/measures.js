/** What is measured of a take, beside its source. */

import { call } from "./api.js";
import { el } from "./element.js";

export class Measures {
  constructor() {
    this.body = el("tbody", {});
    this.state = el("p", { class: "quiet", role: "status" });
    const head = ["", "Source", "Take"].map((text) =>
      text ? el("th", { scope: "col" }, text) : el("td", {}),
    );
    this.table = el("table", {}, el("thead", {}, el("tr", {}, head)), this.body);
    this.element = el(
      "section",
      { "aria-label": "Measures", hidden: true },
      el("h2", {}, "Beside the source"),
      this.state,
      this.table,
    );
  }

  async show(job) {
    this.element.hidden = false;
    this.table.hidden = true;
    this.state.textContent = "Measuring…";
    const turn = (this.turn = job.id);
    try {
      const { measures = [] } = await call("MeasureTake", { job: job.id });
      if (turn !== this.turn) return;
      this.state.textContent = "";
      this.body.replaceChildren(...measures.flatMap(rows));
      this.table.hidden = false;
    } catch (problem) {
      if (turn === this.turn) this.state.textContent = problem.message;
    }
  }
}

function rows({ title, unit = "", source = 0, take = 0, verdict = "" }) {
  const name = unit ? `${title}, ${unit}` : title;
  const numbers = el(
    "tr",
    {},
    el("th", { scope: "row" }, name),
    [source, take].map((value) => el("td", {}, short(value))),
  );
  return verdict
    ? [numbers, el("tr", {}, el("td", { colspan: 3, class: "quiet" }, verdict))]
    : [numbers];
}

const short = (value) => String(Number(value.toPrecision(3))).replace("-", "−");
