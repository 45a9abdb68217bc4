/** The one message area: what happened, what it means, and one thing to do. */

import { button, el } from "./element.js";

const READ = 10000; // ms that a note stays, unless somebody is at it

const area = () => document.getElementById("message");

/** `action` is [text, what it does]. */
export function say(text, { hint = "", action = null, kind = "note" } = {}) {
  const words = el("p", {}, el("strong", {}, text), hint ? ` ${hint}` : "");
  const acts = action && button(action[0], () => (clear(), action[1]()));
  const away = button("Dismiss", clear, { class: "quiet" });
  const made = el("div", { class: `message ${kind}` }, words, acts, away);
  area().replaceChildren(made);
  if (kind === "note")
    setTimeout(() => made.matches(":hover, :focus-within") || made.remove(), READ);
}

/** A problem is shown; another error is one of ours, and goes to the console as well. */
export function complain(problem, action = null) {
  if (problem.code === "SUPERSEDED") return;
  if (!problem.code) console.error(problem);
  say(problem.message, { hint: problem.hint, action, kind: "bad" });
}

/** Notes are read in passing; a problem stays until it is dismissed. */
export function pass() {
  if (area().querySelector(".note")) clear();
}

export function clear() {
  area().replaceChildren();
}

/** What it takes to run something that may be refused: the refusal is shown. */
export const trying =
  (act) =>
  (...given) =>
    Promise.resolve(act(...given)).catch((problem) => complain(problem));
