/** What the server tells by itself. A broken stream comes back, however it broke. */

const AGAIN = 1000; // ms until a new try, where the browser gives up by itself

/** Listens until `close()`, except while nobody sees the page. `hears` maps an event's name to what
    is done with its message; `connected` hears whether the server is there.

    A browser has six connections to a server for all its tabs: of those that listen to one path,
    one has the connection, holds a lock for it, and tells the others. */
export class Stream {
  constructor(path, hears, connected = () => {}) {
    this.path = path;
    this.hears = hears;
    this.connected = connected;
    this.id = crypto.randomUUID();
    this.rest = () => {};
    this.turn = () => (document.hidden ? this.rest() : this.open());
    document.addEventListener("visibilitychange", this.turn);
    this.turn();
  }

  open() {
    this.rest();
    const over = new AbortController();
    const others = new BroadcastChannel(this.path);
    others.onmessage = ({ data }) => this.told(data);
    others.postMessage({ ask: this.id });
    const line = new Line(this.path, Object.keys(this.hears), (said) => {
      others.postMessage(said);
      this.told(said);
    });
    this.answer = (to) => line.said.forEach((said) => others.postMessage({ ...said, to }));
    navigator.locks
      .request(`stream ${this.path}`, { signal: over.signal }, () => line.run())
      .catch(() => {}); // nobody waits any more
    this.rest = () => {
      over.abort();
      line.end();
      others.close();
    };
  }

  told({ ask, to = this.id, name, message }) {
    if (ask) this.answer(ask);
    else if (to !== this.id) return;
    else if (name === "connected") this.connected(message);
    else this.hears[name]?.(message);
  }

  close() {
    document.removeEventListener("visibilitychange", this.turn);
    this.rest();
  }
}

/** The connection itself. */
class Line {
  constructor(path, names, tell) {
    Object.assign(this, { path, names });
    this.said = new Map(); // the newest of each kind, for who comes later
    this.tell = (name, message) => {
      const said = { name, message };
      this.said.set(name, said);
      tell(said);
    };
  }

  /** Lasts until `end()`. */
  run() {
    if (this.isOver) return null;
    this.open();
    return new Promise((resolve) => (this.free = resolve));
  }

  open() {
    const source = (this.source = new EventSource(this.path));
    source.onopen = () => this.tell("connected", true);
    source.onerror = () => this.lost();
    for (const name of this.names)
      source.addEventListener(name, (event) => this.tell(name, JSON.parse(event.data)));
  }

  lost() {
    this.tell("connected", false);
    if (this.source.readyState !== EventSource.CLOSED) return; // it tries again by itself
    this.timer = setTimeout(() => this.open(), AGAIN);
  }

  end() {
    this.isOver = true;
    clearTimeout(this.timer);
    this.source?.close();
    this.free?.();
  }
}
