/** The server's list of renders, the same in every browser that looks. */

import { Stream } from "./stream.js";

export const OPEN = [
  "JOB_STATE_QUEUED",
  "JOB_STATE_RUNNING",
  "JOB_STATE_PUBLISHING",
  "JOB_STATE_CANCELLING",
];

export const STATES = {
  JOB_STATE_QUEUED: "Waiting",
  JOB_STATE_RUNNING: "Rendering",
  JOB_STATE_PUBLISHING: "Finishing",
  JOB_STATE_DONE: "Done",
  JOB_STATE_CANCELLING: "Stopping",
  JOB_STATE_CANCELLED: "Cancelled",
  JOB_STATE_FAILED: "Failed",
};

export const STAGES = {
  STAGE_PLANNING: "Planning",
  STAGE_LIGHTING: "Lighting",
  STAGE_DELIVERING: "Delivering",
  STAGE_PUBLISHING: "Finishing the file",
};

export class Jobs extends EventTarget {
  constructor(connected) {
    super();
    this.all = [];
    this.isPaused = false;
    this.isKnown = false; // false until the list has come once
    this.names = {}; // of takes, by job: { name, notes }
    this.device = null; // what renders run on: { name, used, total }, bytes
    const hears = {
      jobs: (list) => this.heard(list),
      takes: (told) => this.named(told),
      device: (told) => this.told(told),
    };
    this.stream = new Stream(
      "/events",
      hears,
      (isThere) => (connected(isThere), this.noticed(isThere)),
    );
  }

  /** Tells that the server has come back. */
  noticed(isThere) {
    if (isThere && this.isLost) this.dispatchEvent(new Event("back"));
    this.isLost = !isThere;
  }

  heard({ jobs = [], is_queue_paused = false }) {
    this.all = jobs;
    this.isPaused = is_queue_paused;
    this.isKnown = true;
    this.dispatchEvent(new Event("change"));
  }

  named(told) {
    this.names = told.takes;
    this.dispatchEvent(new Event("change"));
  }

  told(device) {
    this.device = device;
    this.dispatchEvent(new Event("change"));
  }

  find(id) {
    return this.all.find((job) => job.id === id);
  }

  get open() {
    return this.all.filter((job) => OPEN.includes(job.state));
  }

  /** Newest first. */
  get takes() {
    return this.all.filter((job) => job.state === "JOB_STATE_DONE");
  }
}
