import { Agent, request } from 'undici';
import { createLive, type Live } from '../admin/live.ts';
import { ConfigError } from '../config/problems.ts';
import type { GatewayConfig } from '../config/gateway-config.ts';
import { isGatewayError } from '../errors.ts';
import { describeError } from '../observe/logger.ts';
import { connectRedis, type RedisPlace } from '../session/redis.ts';
import { evictionPolicy, KEEPS_ALL } from '../session/redis-eviction.ts';
import { isSet, type Call, type Command, type Outcome } from './command.ts';
import { probeCure, probeText } from './probe-words.ts';
import { createPaint, printable, type Style } from './terminal.ts';
import { configOf, createNotes } from './with-live.ts';

/** One thing that was looked at. */
interface Finding {
  /** `configuration`, `redis`, `upstream`, or a connection: `12345/Signicat`. */
  readonly about: string;
  readonly state: 'ok' | 'warning' | 'problem';
  readonly text: string;
  readonly cure?: string;
}

/** `check`: all that start-up would refuse, and all that it would find out later. */
export const check: Command = {
  name: 'check',
  summary:
    'Checks the configuration; tries Redis, chat server and providers; names every problem and its cure.',
  about: [
    'Each connection is tried as administrators have set it: the discovery document, then the client secret, by a code that the\nprovider has never issued. Nothing is changed. Exit code 1 when there is a problem; a warning is none.',
  ],
  options: {
    offline: { about: 'file and environment only; nothing is connected to' },
    production: { about: 'as with NODE_ENV=production' },
  },
  async run(call) {
    const findings = await findingsOf(call);
    const problems = findings.filter(({ state }) => state === 'problem').length;
    const warnings = findings.filter(({ state }) => state === 'warning').length;
    const sum = problems === 0 ? 'No problems' : problems === 1 ? '1 problem' : `${problems} problems`;
    const paint = createPaint(call.terminal.stdout, call.env);
    const lines = findings.map((finding) => findingText(finding, paint));
    const text = [...lines, '', `${sum}, ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}.`].join('\n');
    return { ok: problems === 0, data: { problems, warnings, findings }, text } satisfies Outcome;
  },
};

async function findingsOf(call: Call): Promise<readonly Finding[]> {
  let config: GatewayConfig;
  try {
    const env = isSet(call, 'production') ? { ...call.env, NODE_ENV: 'production' } : call.env;
    config = configOf({ ...call, env });
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(problemFinding);
    throw error;
  }
  const warnings = config.warnings.map((text): Finding => ({
    about: 'configuration',
    state: 'warning',
    text,
  }));
  const fine: Finding = { about: 'configuration', state: 'ok', text: 'File and environment are in order.' };
  const found = isSet(call, 'offline') ? [] : await probes(config);
  return [...(warnings.length === 0 ? [fine] : warnings), ...found];
}

function problemFinding({ path, expected, hint }: ConfigError['problems'][number]): Finding {
  const cure = hint === undefined ? {} : { cure: hint };
  return { about: 'configuration', state: 'problem', text: `${path}: expected ${expected}`, ...cure };
}

async function probes(config: GatewayConfig): Promise<readonly Finding[]> {
  const notes = createNotes();
  const live = createLive(config, { logger: notes.logger });
  try {
    const upstream = upstreamFinding(config);
    // without one there is a warning of the configuration already
    const redis = config.redis === undefined ? [] : await redisFindings(config.redis, live, notes);
    return [...redis, await upstream, ...(await connectionFindings(live))];
  } finally {
    await live.close();
  }
}

async function redisFindings(
  place: RedisPlace,
  live: Live,
  { logger, errors }: ReturnType<typeof createNotes>,
): Promise<readonly Finding[]> {
  const finding = await redisFinding(live, errors);
  if (finding.state !== 'ok') return [finding];
  const link = connectRedis(place, logger);
  try {
    return [finding, ...evictionFindings(await evictionPolicy(link))];
  } finally {
    await link.close();
  }
}

/** Everything that the gateway keeps has an end, so no policy but one spares it. */
function evictionFindings(policy: string | undefined): readonly Finding[] {
  const about = 'redis';
  if (policy === KEEPS_ALL) return [];
  if (policy === undefined)
    return [
      {
        about,
        state: 'ok',
        text: `Whether it evicts could not be seen: it lets this user ask neither INFO nor CONFIG. maxmemory-policy has to be ${KEEPS_ALL}.`,
      },
    ];
  return [
    {
      about,
      state: 'warning',
      text: `maxmemory-policy is ${policy}: a full Redis drops sessions, chats and the audit record without asking.`,
      cure: `Set maxmemory-policy to ${KEEPS_ALL} (at Heroku: heroku redis:maxmemory --policy ${KEEPS_ALL}), and give it room.`,
    },
  ];
}

async function redisFinding(live: Live, errors: ReadonlySet<string>): Promise<Finding> {
  const about = 'redis';
  try {
    await live.ready();
    const { standing, revision } = await live.administration.read();
    if (standing === 'current')
      return {
        about,
        state: 'ok',
        text: `It answers and takes writes; revision ${revision} of the settings is in force.`,
      };
  } catch (error) {
    if (!isGatewayError(error)) throw error;
  }
  return {
    about,
    state: 'problem',
    text: `It cannot be used: ${[...errors].join('; ').replaceAll('\n  ', ': ')}`,
    cure: 'Look whether REDIS_URL is right (user, password, rediss:// for TLS), the server runs and has room, and SEAL_KEY is the one of the other processes.',
  };
}

const UPSTREAM_MS = 5000;

/** Any answer will do: what the chat server says at its root is its own affair. */
async function upstreamFinding({ upstream }: GatewayConfig): Promise<Finding> {
  const about = 'upstream';
  if (upstream === undefined) return { about, state: 'ok', text: 'There is none.' };
  const dispatcher = new Agent();
  try {
    const { statusCode, body } = await request(`${upstream.origin}${upstream.basePath}/`, {
      method: 'HEAD',
      signal: AbortSignal.timeout(Math.min(UPSTREAM_MS, upstream.timeoutMs)),
      dispatcher,
    });
    await body.dump();
    return { about, state: 'ok', text: `It answers (${statusCode}).` };
  } catch (error) {
    return {
      about,
      state: 'problem',
      text: `The chat server does not answer: ${describeError(error)}.`,
      cure: 'Look whether UPSTREAM_URL is right, the chat server runs, and this machine may reach it.',
    };
  } finally {
    await dispatcher.destroy();
  }
}

async function connectionFindings({ administration, current }: Live): Promise<readonly Finding[]> {
  const connections = current.config.customers.flatMap(({ connections: own }) => own);
  return Promise.all(
    connections.map(async ({ customerKey, name: authConnectionName, clientSecret }): Promise<Finding> => {
      const about = `${customerKey}/${authConnectionName}`;
      const probe = await administration.probe({ customerKey, authConnectionName });
      const cure = probeCure(probe);
      if (probe.outcome === 'accepted')
        return { about, state: 'ok', text: acceptedText(clientSecret !== undefined) };
      // an answer by which the secret can be neither right nor wrong
      const isWarning = probe.outcome === 'unclear' && probe.step === 'token';
      return {
        about,
        state: isWarning ? 'warning' : 'problem',
        text: probeText(probe),
        ...(cure === undefined ? {} : { cure }),
      };
    }),
  );
}

function acceptedText(hasSecret: boolean): string {
  return hasSecret
    ? 'The provider knows the client, and accepts its secret.'
    : 'The provider knows the client, which has no secret.';
}

const MARKS: Readonly<Record<Finding['state'], readonly [Style, string]>> = {
  ok: ['green', 'ok     '],
  warning: ['yellow', 'warning'],
  problem: ['red', 'problem'],
};

function findingText({ about, state, text, cure }: Finding, paint: ReturnType<typeof createPaint>): string {
  const [style, mark] = MARKS[state];
  const line = `${paint(style, mark)}  ${printable(`${about}: ${text}`)}`;
  return cure === undefined ? line : `${line}\n         ${printable(cure)}`;
}
