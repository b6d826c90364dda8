import type { Command } from './command.ts';

/**
 * `start`: the server of `npm start`.
 *
 * @param serve Turns this process into the server, which reads these arguments.
 */
export function startCommand(serve: (args: readonly string[]) => Promise<void>): Command {
  return {
    name: 'start',
    summary: 'Starts the gateway, as npm start does.',
    about: [
      'It ends by SIGTERM or SIGINT, when what runs is done. Log and audit record are JSON lines on stdout.',
    ],
    options: {},
    async run({ options }) {
      const { config } = options;
      await serve(typeof config === 'string' ? ['--config', config] : []);
      return undefined;
    },
  };
}
