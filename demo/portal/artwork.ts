import { html } from '../page/html.ts';

/** The bank's sign: two mountains and the water between them. */
export const LOGO = html`<svg viewBox="0 0 40 40" width="36" height="36" aria-hidden="true">
  <rect width="40" height="40" rx="12" fill="#0b5563" />
  <path d="M6 27 15 12l6 9 4-6 9 12z" fill="#fff" />
  <path
    d="M6 30.5c3.5 0 3.5-1.8 7-1.8s3.5 1.8 7 1.8 3.5-1.8 7-1.8 3.5 1.8 7 1.8"
    fill="none"
    stroke="#8fd3dc"
    stroke-width="2"
    stroke-linecap="round"
  />
</svg>`;

/** A fjord at dusk, for the front page. */
export const FJORD = html`<svg
  class="fjord"
  viewBox="0 0 640 420"
  preserveAspectRatio="xMidYMid slice"
  aria-hidden="true"
>
  <defs>
    <linearGradient id="sky" x1="0" y1="0" x2="0" y2="1">
      <stop offset="0" stop-color="#0b4a57" />
      <stop offset="0.55" stop-color="#4b98a3" />
      <stop offset="1" stop-color="#f6cfa8" />
    </linearGradient>
    <linearGradient id="water" x1="0" y1="0" x2="0" y2="1">
      <stop offset="0" stop-color="#e9b995" />
      <stop offset="0.3" stop-color="#3d8591" />
      <stop offset="1" stop-color="#0a3d49" />
    </linearGradient>
  </defs>
  <rect width="640" height="420" fill="url(#sky)" />
  <circle cx="322" cy="196" r="40" fill="#ffe4c4" />
  <path d="M0 270 90 150l60 62 74-104 96 132 60-64 78 72 86-120 96 102v40z" fill="#2f7380" />
  <path d="M0 290V196l70-66 118 122 62 38zM640 290V150l-92 66-52 20-96 54z" fill="#0f4e5a" />
  <rect y="286" width="640" height="134" fill="url(#water)" />
  <path
    d="M322 296h60M306 312h92M330 328h48M296 346h112"
    stroke="#ffe4c4"
    stroke-width="3"
    stroke-linecap="round"
    opacity="0.55"
  />
  <g transform="translate(148 300)">
    <path d="M0 18h76l-12 16H12z" fill="#fff" />
    <path d="M34 14V-34L66 14zM30 14v-36L8 14z" fill="#fdf4ea" />
  </g>
</svg>`;
