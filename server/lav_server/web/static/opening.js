/** Opening a clip: dropped, uploaded, by its path, or from a folder. */

import { call, upload } from "./api.js";
import { go } from "./address.js";
import { browse } from "./browse.js";
import { button, el } from "./element.js";
import { clear, say, trying } from "./message.js";
import { baseName, facts, folderOf } from "./words.js";

export class Opening {
  constructor(scene) {
    this.scene = scene;
    this.picker = el("input", {
      type: "file",
      accept: "video/*,.mxf,.mkv,.mov",
      hidden: true,
      onchange: trying(() => this.send(this.picker.files[0])),
    });
    this.path = el("input", {
      type: "text",
      id: "path",
      placeholder: "/path/of/a/clip.mov",
      spellcheck: "false",
    });
    this.bar = el("progress", { max: 1, hidden: true, "aria-label": "Sent to the server" });
    this.name = el("h2", {}, "Open a clip");
    this.facts = el("p", { class: "quiet" });
    this.ways = el(
      "details",
      {},
      el("summary", {}, "Open another clip"),
      el(
        "form",
        {
          class: "pair",
          onsubmit: (event) => (event.preventDefault(), this.typed(this.path.value.trim())),
        },
        el("label", { for: "path", class: "unseen" }, "Path of a clip"),
        this.path,
        el("button", {}, "Open"),
      ),
      el(
        "div",
        { class: "choices" },
        button(
          "Browse…",
          trying(() => this.browse()),
        ),
        button("Choose a file…", () => this.picker.click()),
      ),
    );
    this.element = el(
      "section",
      { class: "opening", "aria-label": "Clip" },
      this.name,
      this.facts,
      this.ways,
      this.bar,
      this.picker,
    );
    scene.on(["clip"], () => this.draw());
    this.takeDrops();
  }

  /** The clip of the address, unless it is open. */
  async open(path) {
    if (!path || path === this.scene.clip?.path || path === this.coming) return;
    this.coming = path;
    try {
      const { facts } = await call("Probe", { path });
      clear();
      this.scene.begin(facts);
    } finally {
      this.coming = "";
    }
  }

  /** Also one that is in the address already: what was missing may be there now. */
  typed(path) {
    clear();
    go({ clip: path });
    trying(() => this.open(path))();
  }

  async browse() {
    const { clip } = this.scene;
    const path = await browse(clip ? folderOf(clip.path) : "", "Open a clip");
    if (path) go({ clip: path });
  }

  async send(file) {
    if (!file) return;
    this.picker.value = "";
    this.bar.hidden = false;
    this.bar.value = 0;
    say(`${file.name} is being sent to the server on this computer.`);
    try {
      const { facts } = await upload(file, (part) => (this.bar.value = part));
      clear();
      this.scene.begin(facts);
      go({ view: "relight", clip: facts.path });
    } finally {
      this.bar.hidden = true;
    }
  }

  takeDrops() {
    const over = (isOver) => (event) => {
      event.preventDefault();
      document.body.classList.toggle("dropping", isOver);
    };
    addEventListener("dragover", over(true));
    addEventListener("dragleave", over(false));
    addEventListener("drop", (event) => {
      over(false)(event);
      trying(() => this.send(event.dataTransfer.files[0]))();
    });
  }

  draw() {
    const { clip } = this.scene;
    this.name.textContent = clip ? baseName(clip.path) : "Open a clip";
    this.facts.textContent = clip ? facts(clip) : "Drop a file here, or give its path.";
    this.ways.open = !clip;
    if (clip) this.path.value = clip.path;
  }
}
