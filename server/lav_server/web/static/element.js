/** Makes elements: el("button", { class: "quiet", onclick: go }, "Go"). */

export function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) set(made, name, value);
  made.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return made;
}

/** As attributes of SVG want it: in its own namespace. */
export function svg(tag, attributes = {}, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

export function button(text, onclick, attributes = {}) {
  return el("button", { type: "button", onclick, ...attributes }, text);
}

/** Choices are [value, text] pairs. */
export function choice(label, choices, onchange, attributes = {}) {
  const select = el("select", { onchange: () => onchange(select.value), ...attributes });
  fill(select, choices);
  return { row: el("label", { class: "field" }, el("span", {}, label), select), select };
}

/** Replaces a select's options, keeping what was chosen where it is still there. */
export function fill(select, choices) {
  const kept = select.value;
  select.replaceChildren(...choices.map(([value, text]) => el("option", { value }, text)));
  if (choices.some(([value]) => value === kept)) select.value = kept;
}

function set(element, name, value) {
  if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
  else if (value === true) element.setAttribute(name, "");
  else if (value !== false && value !== null && value !== undefined)
    element.setAttribute(name, value);
}
