/** The page's address: which view, clip, render or editor; kept in its fragment. */

const NAMES = ["view", "clip", "job", "host"];

/** What the fragment says. */
export function here() {
  const said = new URLSearchParams(location.hash.slice(1));
  return Object.fromEntries(NAMES.map((name) => [name, said.get(name) ?? ""]));
}

/** Goes on from here with some parts changed; an empty part is left out. */
export function go(changes) {
  location.hash = fragment({ ...here(), ...changes });
}

/** The same without a step to go back to. */
function settle(changes) {
  history.replaceState(null, "", `#${fragment({ ...here(), ...changes })}`);
}

export const hasCode = () => new URLSearchParams(location.hash.slice(1)).has("code");

/** The one-time code, taken out of the address so that nobody reads it over a shoulder. */
export function takeCode() {
  const code = new URLSearchParams(location.hash.slice(1)).get("code");
  if (code) settle({});
  return code;
}

function fragment(parts) {
  const said = new URLSearchParams();
  for (const name of NAMES) if (parts[name]) said.set(name, parts[name]);
  return said.toString();
}
