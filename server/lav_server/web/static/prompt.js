/** A light said in words; the words that mean no light are named. */

import { call, series } from "./api.js";
import { el } from "./element.js";
import { filled } from "./light.js";
import { complain, say } from "./message.js";

export class Prompt {
  constructor(scene, info) {
    this.scene = scene;
    this.info = info;
    this.input = el("input", {
      type: "text",
      id: "prompt",
      maxlength: 2000,
      placeholder: "warm low sun from the left, hazy",
      "aria-describedby": "unmatched",
    });
    this.unmatched = el("p", { id: "unmatched", class: "warn", role: "status" });
    this.element = el(
      "form",
      { class: "prompt", onsubmit: (event) => this.submit(event) },
      el("label", { for: "prompt" }, "In words"),
      el("div", { class: "pair" }, this.input, el("button", {}, "Set")),
      this.unmatched,
    );
    scene.on(["light"], () => this.draw());
    scene.on(["unmatched"], () => this.drawUnmatched());
  }

  async submit(event) {
    event.preventDefault();
    const { clip, frame, preset, light } = this.scene;
    if (!clip) return;
    const prompt = this.input.value.trim();
    if (!prompt) return this.scene.relight({ ...light, prompt }, { unmatched: [] });
    const asked = {
      path: clip.path,
      media_frame: frame,
      light: { prompt, preset },
      width: 64,
      series: series("words"),
    };
    try {
      const answer = await call("Preview", asked);
      const found = { ...filled(answer.light), exposure: light.exposure };
      this.scene.relight(found, { unmatched: answer.unmatched_words ?? [], chosen: 0 });
      if (light.keys.length)
        say("The words took the place of the light and its keyframes.", {
          action: ["Undo", () => this.scene.undo()],
        });
    } catch (problem) {
      this.refused(problem, prompt);
    }
  }

  /** Words without light are no light, but some engines paint with them. */
  refused(problem, prompt) {
    const reads = this.info.engines.find(
      (engine) => engine.name === this.scene.engine,
    )?.reads_words;
    if (problem.code !== "BAD_VALUE" || !reads) return complain(problem);
    this.scene.relight({ ...this.scene.light, prompt }, { unmatched: [prompt] });
  }

  draw() {
    if (document.activeElement !== this.input) this.input.value = this.scene.light.prompt;
  }

  drawUnmatched() {
    const words = this.scene.unmatched;
    const reads = this.info.engines.find(
      (engine) => engine.name === this.scene.engine,
    )?.reads_words;
    const meaning = reads ? "The engine reads the words all the same." : "The rest was.";
    this.unmatched.textContent = words.length
      ? `Not understood as light: ${words.join(", ")}. ${meaning}`
      : "";
  }
}
