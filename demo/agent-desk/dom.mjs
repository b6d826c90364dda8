/**
 * Makes an element. Text always goes in as text, so nothing that a visitor sends can become markup.
 *
 * @param {string} tag
 * @param {{ className?: string, text?: string, [attribute: string]: unknown }} properties
 * @param {...(Node | string | undefined | false)} children
 */
export function element(tag, { className, text, ...attributes } = {}, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.append(...children.filter(Boolean));
  return made;
}

const SVG = 'http://www.w3.org/2000/svg';

/** A tick in a shield. */
export function verifiedIcon() {
  const icon = document.createElementNS(SVG, 'svg');
  icon.setAttribute('viewBox', '0 0 20 20');
  icon.setAttribute('class', 'icon');
  icon.setAttribute('aria-hidden', 'true');
  const shield = document.createElementNS(SVG, 'path');
  shield.setAttribute('d', 'M10 1 3 3.6v5.2c0 4.3 2.9 8.2 7 9.7 4.1-1.5 7-5.4 7-9.7V3.6z');
  const tick = document.createElementNS(SVG, 'path');
  tick.setAttribute('d', 'm6.6 9.8 2.4 2.4 4.4-4.6');
  tick.setAttribute('class', 'icon-tick');
  icon.append(shield, tick);
  return icon;
}

/** Hours and minutes. */
export function clock(at) {
  return new Intl.DateTimeFormat(undefined, { timeStyle: 'short' }).format(at);
}

/** Day, hours and minutes. */
export function moment(at) {
  return new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' }).format(at);
}
