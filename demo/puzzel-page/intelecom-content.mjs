const KEPT = new Set(['B', 'BR', 'I', 'EM', 'STRONG']);

/** The server's HTML with what it may hold: line breaks and emphasis. All else of it becomes its text. */
export function readable(content) {
  const made = document.createDocumentFragment();
  for (const node of new DOMParser().parseFromString(content, 'text/html').body.childNodes)
    made.append(copy(node));
  return made;
}

function copy(node) {
  if (!(node instanceof HTMLElement)) return node.textContent;
  if (!KEPT.has(node.tagName)) return node.textContent;
  const kept = document.createElement(node.tagName);
  kept.append(...[...node.childNodes].map(copy));
  return kept;
}
