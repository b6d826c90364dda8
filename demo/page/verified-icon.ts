import { html } from './html.ts';

/** A tick in a shield. */
export const VERIFIED_ICON = html`<svg
  class="icon"
  viewBox="0 0 20 20"
  width="18"
  height="18"
  aria-hidden="true"
>
  <path fill="currentColor" d="M10 1 3 3.6v5.2c0 4.3 2.9 8.2 7 9.7 4.1-1.5 7-5.4 7-9.7V3.6z" />
  <path
    fill="none"
    stroke="#fff"
    stroke-width="2"
    stroke-linecap="round"
    stroke-linejoin="round"
    d="m6.6 9.8 2.4 2.4 4.4-4.6"
  />
</svg>`;
