import { hashAdminToken, newAdminToken } from '../admin/hash-admin-token.ts';
import { ADMIN_ROLES } from '../config/admin-options.ts';
import { isSet, textOf, type Command } from './command.ts';
import { CommandError, UsageError } from './failure.ts';
import { readSecret } from './read-secret.ts';

const IN_ARGUMENT =
  'a command line stands in the history of the shell and in the list of processes. The token is asked for, or read from stdin.';

/** `admin hash-token`: nothing is kept. */
export const adminHashToken: Command = {
  name: 'admin hash-token',
  summary: 'Prints the hash of an administrator token for ADMIN_TOKEN_HASH; keeps nothing.',
  about: [
    'The token is asked for on a terminal, without showing it, and else read from stdin. With --new one is made and printed\nbeside its hash: give it to whoever shall have it, it cannot be found again.',
    'Several hashes are a comma list. A hash holds "$": in a shell it stands in single quotes.',
  ],
  refused: IN_ARGUMENT,
  options: {
    new: { about: 'make a token of 256 random bits' },
    role: { value: 'ROLE', about: 'administrator (default), or viewer, who changes nothing' },
    name: {
      value: 'NAME',
      about: 'what the audit record calls whoever has it; default: a name made of the hash',
    },
    token: { value: '', about: '', refused: IN_ARGUMENT },
  },
  async run(call) {
    const role = textOf(call, 'role') ?? 'administrator';
    if (!ADMIN_ROLES.some((one) => one === role))
      throw new UsageError(`--role is one of ${ADMIN_ROLES.join(', ')}.`);
    const name = textOf(call, 'name');
    if (name !== undefined && !/^[\w.@+ -]{1,100}$/.test(name))
      throw new UsageError('--name has at most 100 letters, digits, blanks and ". _ @ + -".');
    const made = isSet(call, 'new') ? newAdminToken() : undefined;
    const token = made ?? (await readSecret(call.terminal, 'administrator token'));
    const entry = [role, ...(name === undefined ? [] : [name]), await hashOf(token)].join(':');
    const said = made === undefined ? '' : `token: ${made}\n`;
    return {
      ok: true,
      data: { tokenHash: entry, ...(made === undefined ? {} : { token: made }) },
      text: `${said}ADMIN_TOKEN_HASH=${entry}`,
    };
  },
};

async function hashOf(token: string): Promise<string> {
  try {
    return await hashAdminToken(token);
  } catch (error) {
    if (error instanceof TypeError) throw new CommandError('token_refused', error.message);
    throw error;
  }
}
