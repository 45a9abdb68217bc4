/** What the server is asked: the calls of lav.v1 as JSON, and what only the page needs. */

/** A refusal in words: what happened and what it means, what to do, and a stable code. */
export class Problem extends Error {
  constructor({ code = "INTERNAL", message = "The server could not answer.", hint = "" }) {
    super(message);
    this.code = code;
    this.hint = hint;
  }
}

const UNREACHED = {
  code: "SERVER_DOWN",
  message: "The server does not answer, so nothing was sent.",
  hint: "This page keeps trying. If it stays so, run `lav page` again.",
};

/** The name of a run of previews in which the newest wins: this page's own, so that two browsers
    do not take each other's turn. */
const PAGE = crypto.randomUUID();
export const series = (name) => `${name} ${PAGE}`;

/** One call of lav.v1; message in, message out, fields as the proto names them. */
export const call = (name, message = {}) => post(`/api/${name}`, message);

export const post = (path, body) =>
  asked(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });

export const get = (path) => asked(path, {});

/** Exchanges the code of the page's address for a session. */
export const enter = (code) => asked("/enter", { method: "POST", body: code });

/** One frame of a clip as it is, as a bitmap. */
export async function frame(path, number, width) {
  const asks = new URLSearchParams({ path, frame: number, width });
  const answer = await reached(`/frame?${asks}`, {});
  return createImageBitmap(await answer.blob());
}

/** A file's bytes to the server; `told` hears the part that has arrived, 0..1. */
export function upload(file, told) {
  return new Promise((resolve, reject) => {
    const sending = new XMLHttpRequest(); // fetch tells nothing about what has been sent
    sending.open("PUT", `/upload?name=${encodeURIComponent(file.name)}`);
    sending.responseType = "json";
    sending.upload.onprogress = (event) => told(event.loaded / Math.max(event.total, 1));
    sending.onerror = () => reject(new Problem(UNREACHED));
    sending.onload = () =>
      sending.status < 300
        ? resolve(sending.response)
        : reject(new Problem(sending.response ?? {}));
    sending.send(file);
  });
}

/** A picture of a message, decoded. */
export function bitmap(image) {
  const bytes = Uint8Array.from(atob(image.data), (letter) => letter.charCodeAt(0));
  return createImageBitmap(new Blob([bytes], { type: image.mime_type }));
}

export const pictureAddress = (image) => `data:${image.mime_type};base64,${image.data}`;

async function asked(path, options) {
  const answer = await reached(path, options);
  return answer.status === 204 ? {} : answer.json();
}

async function reached(path, options) {
  let answer;
  try {
    answer = await fetch(path, options);
  } catch {
    throw new Problem(UNREACHED);
  }
  if (answer.ok) return answer;
  const said = await answer.json().catch(() => ({}));
  throw new Problem(
    said.message ? said : { message: `The server refused this (${answer.status}).` },
  );
}
