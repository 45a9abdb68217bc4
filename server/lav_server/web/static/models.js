/** The models the engines need: size, licence, whether they are here, and fetching them. */

import { post } from "./api.js";
import { button, el } from "./element.js";
import { trying } from "./message.js";
import { size } from "./words.js";

const HEADS = ["Model", "Size", "GPU memory", "Licence", "Here", ""];
const WHENCE =
  "Draft needs none. The others are fetched from where they are published, only when you say so.";

export class Models {
  constructor() {
    this.body = el("tbody", {});
    const heads = HEADS.map((text) => (text ? el("th", { scope: "col" }, text) : el("td", {})));
    this.element = el(
      "section",
      { "aria-label": "Models" },
      el("h2", {}, "Models"),
      el("p", { class: "quiet" }, WHENCE),
      el("table", {}, el("thead", {}, el("tr", {}, heads)), this.body),
    );
  }

  draw(models) {
    this.body.replaceChildren(...models.map(row));
  }
}

function row(model) {
  const cells = [
    model.bytes ? size(model.bytes) : "",
    model.vram_bytes ? size(model.vram_bytes) : "not measured",
    licence(model),
    model.whole ? "yes" : model.path ? "in part" : "no",
    model.whole ? act("Verify", "verify", model) : act("Fetch", "pull", model),
  ];
  const name = el("th", { scope: "row" }, model.title);
  return el(
    "tr",
    {},
    name,
    cells.map((cell) => el("td", {}, cell)),
  );
}

function licence({ licence }) {
  const name = licence?.name ?? "unknown";
  if (!licence?.url) return name;
  return el("a", { href: licence.url, target: "_blank", rel: "noreferrer" }, name);
}

function act(text, what, { name, title }) {
  const start = trying(() => post(`/setup/models/${what}`, { name }));
  return button(text, start, { "aria-label": `${text} ${title}` });
}
