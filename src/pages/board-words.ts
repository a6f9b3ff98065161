/** What the scripts of boards say and write with: numbers, and elements whose text changes only where it is another one. */
export const boardWords: string = `
const number = (value) => value === undefined || value === null || value < 0 ? "–" : value.toLocaleString("en", { maximumFractionDigits: value < 10 ? 1 : 0 });

function make(tag, text, className) {
  const node = document.createElement(tag);
  if (text !== undefined) node.textContent = text;
  if (className) node.className = className;
  return node;
}

const part = (name) => document.querySelector('[data-part="' + name + '"]');

function set(node, text) {
  if (node && node.textContent !== text) node.textContent = text;
}

/** Writes a list anew only where it is another one: whoever reads it is not interrupted. */
function fill(node, key, nodes) {
  if (!node || node.dataset.key === key) return;
  node.dataset.key = key;
  node.replaceChildren(...nodes());
}

/** What a board says of its complaints and of what it did. Another text is said once more, even where it is the same. */
function tell(text, isBad) {
  const node = part("result");
  node.className = "verdict " + (isBad ? "bad" : "good");
  node.textContent = "";
  requestAnimationFrame(() => node.textContent = text);
}
`;
