/** The page: signs in, then shows the view that its address names. */

import { go, hasCode, here, takeCode } from "./address.js";
import { call, enter } from "./api.js";
import { Compare } from "./compare.js";
import { el } from "./element.js";
import { Host } from "./host.js";
import { Jobs } from "./jobs.js";
import { complain, pass } from "./message.js";
import { Queue } from "./queue.js";
import { Relight } from "./relight.js";
import { Scene } from "./scene.js";
import { Setup } from "./setup.js";

const VIEWS = { relight: Relight, compare: Compare, queue: Queue, setup: Setup };

async function start() {
  const code = takeCode();
  if (code) await enter(code).catch(() => {}); // used before: then this browser has its session
  const info = await call("GetServerInfo");
  const page = { info, jobs: new Jobs(showConnection), scene: new Scene(), host: null };
  page.host = new Host(page);
  new Shell(page).show();
}

class Shell {
  constructor(page) {
    this.page = page;
    this.built = {};
    this.links = Object.entries(VIEWS).map(([name, view]) => [
      name,
      el("a", { href: `#view=${name}`, onclick: (event) => this.follow(event, name) }, view.title),
    ]);
    document.getElementById("views").append(...this.links.map(([, link]) => link));
    addEventListener("hashchange", () => this.changed());
  }

  follow(event, name) {
    event.preventDefault();
    go({ view: name });
  }

  /** An address of `lav page` or of an editor, put into a tab that is open, begins anew. */
  changed() {
    if (hasCode() || here().host !== (this.page.host.session ?? "")) location.reload();
    else this.show();
  }

  show() {
    const address = here();
    const name = address.view in VIEWS ? address.view : "relight";
    const view = (this.built[name] ??= this.build(name));
    if (this.shown !== view) this.change(view, name);
    view.show(address);
  }

  build(name) {
    const view = new VIEWS[name](this.page);
    document.getElementById("main").append(view.element);
    return view;
  }

  change(view, name) {
    if (this.shown) {
      pass();
      this.shown.element.hidden = true;
      this.shown.hide?.();
    }
    this.shown = view;
    view.element.hidden = false;
    document.title = `${VIEWS[name].title} · Light-A-Video`;
    for (const [other, link] of this.links)
      if (other === name) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
  }
}

function showConnection(isThere) {
  const chip = document.getElementById("connection");
  const text = isThere ? "Connected" : "Connection lost · trying again";
  if (chip.textContent === text) return;
  chip.textContent = text;
  chip.classList.toggle("bad", !isThere);
}

start().catch((problem) => {
  complain(problem, ["Try again", () => location.reload()]);
  addEventListener("hashchange", () => hasCode() && location.reload());
});
