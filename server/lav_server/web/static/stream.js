/** What the server tells by itself. A broken stream comes back, however it broke. */

const AGAIN = 1000; // ms until a new try, where the browser gives up by itself

/** Listens until `close()`. `hears` maps an event's name to what is done with its message. */
export class Stream {
  constructor(path, hears, connected = () => {}) {
    this.path = path;
    this.hears = hears;
    this.connected = connected;
    this.open();
  }

  open() {
    this.source = new EventSource(this.path);
    this.source.onopen = () => this.alive();
    this.source.onerror = () => this.lost();
    for (const [name, hear] of Object.entries(this.hears))
      this.source.addEventListener(name, (event) => {
        this.alive();
        hear(JSON.parse(event.data));
      });
  }

  alive() {
    this.connected(true);
  }

  lost() {
    this.connected(false);
    if (this.source.readyState !== EventSource.CLOSED) return; // it tries again by itself
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.open(), AGAIN);
  }

  close() {
    clearTimeout(this.timer);
    this.source.close();
  }
}
