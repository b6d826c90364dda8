import type { Live } from '../admin/live.ts';
import { rotateSharedKeys } from '../assertion/rotate-keys.ts';
import type { GatewayConfig } from '../config/gateway-config.ts';
import { writtenOf } from '../config/written-options.ts';
import { createOverlayDocument } from '../session/overlay-document.ts';
import type { Command } from './command.ts';
import { ACTOR_OPTION, actorOf, configOf, createNotes, withLive } from './with-live.ts';

/** `keys rotate`: what can be done without a look into the environment of other processes; the rest is said. */
export const keysRotate: Command = {
  name: 'keys rotate',
  summary:
    'Makes the next key of the assertion now, seals anew with the first SEAL_KEY, says what is left to do.',
  about: [
    'The new key is published at once and signs an hour later; what the present one has signed stays good. Called again\nwithin that hour it makes no other one.',
    'SEAL_KEY itself is in the environment of each process, where no command reaches it. Put the new key in front of the\nold one (keys generate makes one), start every process anew, and call this: the settings of administrators and the\nkeys of the assertion are then sealed with the new one.',
  ],
  options: { actor: ACTOR_OPTION },
  async run(call) {
    const actor = actorOf(call);
    return withLive(call, async ({ current }) => {
      const assertionKeys = await rotateAssertionKeys(current);
      if ('isNew' in assertionKeys && assertionKeys.isNew)
        current.audit.record({ kind: 'keys_rotated', actor });
      // by the first look at it: the settings are sealed anew whenever a process reads them under another key than the first
      const settings = await settingsState(current);
      const left = leftToDo(configOf(call));
      const text = [assertionText(assertionKeys), settingsText(settings), ...left].join('\n\n');
      return { ok: settings !== 'sealed with another key', data: { assertionKeys, settings, left }, text };
    });
  },
};

type Runtime = Live['current'];

async function rotateAssertionKeys({ config, stores }: Runtime) {
  if (config.assertionKeys.length > 0) return { configured: true };
  const { logger } = createNotes();
  const { isNew, signsFrom } = await rotateSharedKeys({ ...stores, logger });
  return { isNew, signsFrom: new Date(signsFrom).toISOString() };
}

function assertionText(keys: Awaited<ReturnType<typeof rotateAssertionKeys>>): string {
  if ('configured' in keys)
    return 'Keys of the assertion: in your configuration (assertionKeys), so nothing was made. Append a new one, wait until every\nchat server has read /jwks.json anew, put it first, and drop the old one a few minutes later.';
  return keys.isNew
    ? `Keys of the assertion: a new one is published, and signs from ${keys.signsFrom}.`
    : `Keys of the assertion: one that was made before is published, and signs from ${keys.signsFrom}; no other was made.`;
}

async function settingsState({ stores }: Runtime) {
  const document = createOverlayDocument(stores);
  const read = await document.read();
  if (read.kind === 'absent') return 'none';
  return read.kind === 'read' && !document.isOutdated(read)
    ? 'sealed with the first key'
    : 'sealed with another key';
}

function settingsText(state: Awaited<ReturnType<typeof settingsState>>): string {
  switch (state) {
    case 'none':
      return 'Settings of administrators: there are none.';
    case 'sealed with the first key':
      return 'Settings of administrators: sealed with the first seal key.';
    case 'sealed with another key':
      return 'Settings of administrators: still sealed with an older key, since another process writes with it. Start every\nprocess with the same SEAL_KEY, then call this again; keep the older key until then.';
  }
}

/** What only the operator can do. By file and environment, where the seal keys are. */
function leftToDo(config: GatewayConfig): string[] {
  const { options } = writtenOf(config);
  const [first, another] = config.session.sealKeys;
  const name = options.sealKey === undefined ? 'SESSION_SECRET' : 'SEAL_KEY';
  if (first !== undefined && another === undefined)
    return [
      `Seal key: there is one. To rotate it put a new one in front, ${name}=new,old, in every process, and call this again.`,
    ];
  const pseudonyms =
    options.pseudonymKey === undefined
      ? `\nPseudonyms are derived from the last ${name}: dropping it gives everybody another one.`
      : '';
  return [
    `Seal keys: ${config.session.sealKeys.length}. The last one still names the records. Dropping it ends all sessions at once: everybody logs in\nonce more, silently, and running chats have to be opened anew; so do it when few are in a chat. Entries of the audit record\nthat it has sealed can then no longer be read (their place is still checked): to keep them readable, drop it ${config.audit.maxDays} days after the\nnew one came first.${pseudonyms}`,
  ];
}
