import fc from 'fast-check';

const GUID = '6F9619FF-8B86-D011-B42D-00C04FC964FF';
/** Ids of all kinds, and what some server takes for each: blanks, other digits, zeros, letters folded, encoded once more. */
export const IDS = ['Chat-7f3a', '4711', GUID, 'Ærlig-é9', '12345-77'];
/** The same id, as it is sent. */
export const respell = fc.constantFrom<(id: string) => string>(
  (id) => encodeURIComponent(id),
  (id) => encodeURIComponent(encodeURIComponent(id)),
  (id) => [...Buffer.from(id)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
  (id) => encodeURIComponent(id.toLowerCase()),
  (id) => encodeURIComponent(id.toUpperCase()),
  (id) => encodeURIComponent(id.normalize('NFD')),
  (id) => encodeURIComponent(id.replaceAll(/\d/g, (digit) => String.fromCharCode(0xff10 + Number(digit)))),
  (id) => `${encodeURIComponent(id)}%00`,
  (id) => `${encodeURIComponent(id)}%09`,
  (id) => (id === '4711' ? '04711' : id === GUID ? `%7B${id}%7D` : `${encodeURIComponent(id)}.json`),
  (id) => (id === '4711' ? '%2B4711' : id === GUID ? id.replaceAll('-', '') : encodeURIComponent(`${id} `)),
);
/** A target that names it. */
export const where = fc.constantFrom<(id: string) => string>(
  (id) => `/chats/${id}`,
  (id) => `/queues/q_bank/chats/${id}/events`,
  (id) => `/messages?chat=${id}`,
  (id) => `/messages?chat=own&chat=${id}`,
);
