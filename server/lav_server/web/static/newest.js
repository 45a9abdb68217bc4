/** Asks for one thing at a time: what is wanted meanwhile waits, and only the newest of it. */

export class Newest {
  /** `ask` answers with a promise; `got` hears its answer, `failed` its problem. */
  constructor(ask, got, failed) {
    this.ask = ask;
    this.got = got;
    this.failed = failed;
    this.waiting = null;
    this.isBusy = false;
  }

  want(what) {
    this.waiting = { what };
    if (!this.isBusy) this.run();
  }

  /** Forgets what waits; an answer under way is still heard. */
  drop() {
    this.waiting = null;
  }

  async run() {
    this.isBusy = true;
    while (this.waiting) {
      const { what } = this.waiting;
      this.waiting = null;
      try {
        this.got(await this.ask(what), what);
      } catch (problem) {
        if (problem.code !== "SUPERSEDED") this.failed(problem, what);
      }
    }
    this.isBusy = false;
  }
}
