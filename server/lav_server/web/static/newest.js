/** Asks for one thing at a time: what is wanted meanwhile waits, and only the newest of it. */

export class Newest {
  /** `ask` answers with a promise; `got` hears its answer, `failed` its problem, `busy` whether
      something is on its way. */
  constructor(ask, got, failed, busy = () => {}) {
    this.ask = ask;
    this.got = got;
    this.failed = failed;
    this.busy = busy;
    this.waiting = null;
    this.isBusy = false;
  }

  want(what) {
    this.waiting = { what };
    if (!this.isBusy) this.run();
  }

  async run() {
    this.busy((this.isBusy = true));
    while (this.waiting) {
      const { what } = this.waiting;
      this.waiting = null;
      try {
        this.got(await this.ask(what), what);
      } catch (problem) {
        if (problem.code !== "SUPERSEDED") this.failed(problem, what);
      }
    }
    this.busy((this.isBusy = false));
  }
}
