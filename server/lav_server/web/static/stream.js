/** What the server tells by itself. A broken stream comes back, however it broke. */

const AGAIN = 1000; // ms until a new try, where the browser gives up by itself

/** Listens until `close()`, except while nobody sees the page: a browser has few connections to a
    server for all its tabs. `hears` maps an event's name to what is done with its message. */
export class Stream {
  constructor(path, hears, connected = () => {}) {
    this.path = path;
    this.hears = hears;
    this.connected = connected;
    this.turn = () => (document.hidden ? this.rest() : this.open());
    document.addEventListener("visibilitychange", this.turn);
    this.turn();
  }

  open() {
    this.rest();
    this.source = new EventSource(this.path);
    this.source.onopen = () => this.connected(true);
    this.source.onerror = () => this.lost();
    for (const [name, hear] of Object.entries(this.hears))
      this.source.addEventListener(name, (event) => hear(JSON.parse(event.data)));
  }

  lost() {
    this.connected(false);
    if (this.source.readyState !== EventSource.CLOSED) return; // it tries again by itself
    this.timer = setTimeout(() => this.open(), AGAIN);
  }

  rest() {
    clearTimeout(this.timer);
    this.source?.close();
  }

  close() {
    document.removeEventListener("visibilitychange", this.turn);
    this.rest();
  }
}
