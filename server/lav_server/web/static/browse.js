/** A dialog that walks the folders the server may read. */

import { get } from "./api.js";
import { button, el } from "./element.js";
import { complain } from "./message.js";

/** Resolves with the path of a file, or null. Among "masks" there are stills too, and a path that
    is typed is taken as it is. */
export function browse(folder, title, kind = "clips") {
  return new Promise((resolve) => new Browser(title, kind, resolve).walk(folder));
}

class Browser {
  constructor(title, kind, resolve) {
    const takesAny = kind === "masks";
    this.kind = kind;
    this.chosen = null;
    this.path = el("input", {
      type: "text",
      id: "browse-path",
      onchange: () => takesAny || this.walk(this.path.value),
    });
    this.roots = el("div", {
      class: "choices",
      role: "group",
      "aria-label": "Folders the server may read",
    });
    this.list = el("ul", { class: "files" });
    const typed = takesAny ? button("Use this path", () => this.choose(this.path.value)) : null;
    this.dialog = el(
      "dialog",
      {
        "aria-labelledby": "browse-title",
        onclose: () => (this.dialog.remove(), resolve(this.chosen)),
      },
      el("h2", { id: "browse-title" }, title),
      el("label", { for: "browse-path" }, "Folder"),
      el("div", { class: "pair" }, this.path, typed),
      this.roots,
      this.list,
      el(
        "div",
        { class: "choices" },
        button("Cancel", () => this.dialog.close()),
      ),
    );
    document.body.append(this.dialog);
    this.dialog.showModal();
  }

  async walk(folder) {
    try {
      this.show(await get(`/browse?${new URLSearchParams({ folder, kind: this.kind })}`));
    } catch (problem) {
      this.dialog.close();
      complain(problem);
    }
  }

  show({ folder, parent, folders, clips, roots }) {
    const under = (name) => `${folder.replace(/[\\/]$/, "")}/${name}`;
    this.path.value = folder;
    this.roots.replaceChildren(
      ...roots.map((root) => button(root, () => this.walk(root), { class: "quiet" })),
    );
    const up = parent ? [row("..", "One folder up", () => this.walk(parent), "folder")] : [];
    this.list.replaceChildren(
      ...up,
      ...folders.map((name) => row(name, `Folder ${name}`, () => this.walk(under(name)), "folder")),
      ...clips.map((name) => row(name, name, () => this.choose(under(name)), "file")),
    );
    if (!folders.length && !clips.length)
      this.list.append(el("li", { class: "quiet" }, `No ${this.kind} in this folder.`));
    this.list.querySelector("button")?.focus();
  }

  choose(path) {
    this.chosen = path;
    this.dialog.close();
  }
}

const row = (text, label, act, kind) =>
  el("li", {}, button(text, act, { class: kind, "aria-label": label }));
