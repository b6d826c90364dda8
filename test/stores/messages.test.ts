import assert from 'node:assert/strict';
import { performance } from 'node:perf_hooks';
import { after, test, type TestContext } from 'node:test';
import { Redis } from 'ioredis';
import {
  createMemoryWire,
  createStoreMessages,
  type MessageWire,
  type StoreMessages,
} from '../../src/session/messages.ts';
import { connectRedisWire } from '../../src/session/redis-messages.ts';
import { connectRedis } from '../../src/session/redis.ts';
import { createSealer } from '../../src/session/seal.ts';
import { recordingLogger, silentLogger } from '../session/loggers.ts';
import { redisMissing, startRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';

const redis = await startRedis();
after(() => redis?.stop());
const skip = redis === undefined ? redisMissing : false;
const sealer = createSealer([Buffer.alloc(32, 1)]);

function onRedis(t: TestContext, url = redis!.url, database = 0): MessageWire {
  const address = { url: `${url}/${database}`, tlsRejectUnauthorized: true };
  const link = connectRedis(address, silentLogger);
  const wire = connectRedisWire(address, link, silentLogger);
  t.after(async () => {
    await wire.close();
    await link.close();
  });
  return wire;
}

const wires: Record<string, (t: TestContext) => readonly [MessageWire, MessageWire]> = {
  memory: () => {
    const wire = createMemoryWire();
    return [wire, wire];
  },
  Redis: (t) => [onRedis(t), onRedis(t)],
};

/** Waits until it hears, and keeps what it hears. */
async function hearing(wire: MessageWire, keys = sealer, logger = silentLogger) {
  const messages = createStoreMessages(wire, keys, logger);
  const events: string[] = [];
  messages.onDeaf(() => events.push('deaf'));
  messages.onHearing(() => events.push('hearing'));
  await until('it to hear', () => events.includes('hearing') || messages.heardUntil() > 0);
  return { messages, events };
}

const keep = (messages: StoreMessages, topic: string) => {
  const heard: string[] = [];
  const off = messages.on(topic, (text) => heard.push(text));
  return { heard, off };
};

for (const [name, pair] of Object.entries(wires)) {
  const skipped = name === 'Redis' ? skip : false;
  test(
    `messages on ${name} reach every process, the own one too, in order, by their topic`,
    { skip: skipped },
    async (t) => {
      const [a, b] = pair(t);
      const { messages: here } = await hearing(a);
      const { messages: there } = a === b ? { messages: here } : await hearing(b);
      const [own, other, foreign] = [keep(here, 'sessions'), keep(there, 'sessions'), keep(there, 'config')];
      const texts = Array.from({ length: 50 }, (_, i) => `message ${i} \n ÆØÅ 😀`);
      await Promise.all(texts.map((text) => here.send('sessions', text)));
      await until('all of them', () => own.heard.length === 50 && other.heard.length === 50);
      assert.deepEqual([own.heard, other.heard, foreign.heard], [texts, texts, []]);
      other.off();
      const witness = keep(there, 'sessions');
      await here.send('sessions', 'one more');
      await until('it', () => witness.heard.length === 1);
      assert.equal(other.heard.length, 50);
      assert.ok(here.heardUntil() > 0);
    },
  );

  test(`messages on ${name}: a listener that fails harms no other`, { skip: skipped }, async (t) => {
    const [wire] = pair(t);
    const { logger, lines } = recordingLogger();
    const { messages } = await hearing(wire, sealer, logger);
    messages.on('sessions', () => {
      throw new Error('canary');
    });
    const { heard } = keep(messages, 'sessions');
    await messages.send('sessions', 'x');
    await until('the other', () => heard.length === 1);
    assert.match(lines.join('\n'), /not understood/);
    assert.doesNotMatch(lines.join('\n'), /canary/);
  });
}

test('a topic is words with hyphens', () => {
  const messages = createStoreMessages(createMemoryWire(), sealer, silentLogger);
  for (const topic of ['', 'A', 'a b', 'a:b', 'a-']) {
    assert.throws(() => messages.on(topic, () => undefined), TypeError);
    assert.throws(() => messages.send(topic, 'x'), TypeError);
  }
});

test('with Redis alone nobody reads, makes or turns a message', { skip }, async (t) => {
  const { messages } = await hearing(onRedis(t));
  const sessions = keep(messages, 'sessions');
  const config = keep(messages, 'config');
  const thief = new Redis(redis!.url);
  const spy = new Redis(redis!.url);
  t.after(() => {
    for (const client of [thief, spy]) client.disconnect();
  });
  const seen: string[] = [];
  spy.on('message', (_channel, line: string) => seen.push(line));
  await spy.subscribe('scg:0:messages');
  await messages.send('sessions', 'the secret id');
  await until('the message', () => seen.length === 1 && sessions.heard.length === 1);
  assert.ok(!seen[0]!.includes('secret'));
  const sealed = seen[0]!.split(' ')[1]!;
  const foreign = createSealer([Buffer.alloc(32, 2)]).seal('forged', 'message sessions');
  const record = sealer.seal('a record', sealer.key('session', 'x'));
  for (const line of [
    '',
    'sessions',
    'sessions forged',
    `sessions ${foreign}`,
    `sessions ${record}`,
    `config ${sealed}`,
    `sessions ${sealed.slice(0, -2)}AA`,
    '__proto__ x',
    'x'.repeat(1_000_000),
  ])
    await thief.publish('scg:0:messages', line);
  await messages.send('sessions', 'the last one');
  await until('it', () => sessions.heard.length === 2);
  assert.deepEqual([sessions.heard, config.heard], [['the secret id', 'the last one'], []]);
});

test('databases of one Redis do not hear each other', { skip }, async (t) => {
  const { messages: first } = await hearing(onRedis(t));
  const { messages: second } = await hearing(onRedis(t, redis!.url, 1));
  const [one, two] = [keep(first, 'sessions'), keep(second, 'sessions')];
  await first.send('sessions', 'to 0');
  await second.send('sessions', 'to 1');
  await until('both', () => one.heard.length === 1 && two.heard.length === 1);
  assert.deepEqual([one.heard, two.heard], [['to 0'], ['to 1']]);
});

test('a connection that is cut is deaf, says so, and hears again', { skip }, async (t) => {
  const { messages, events } = await hearing(onRedis(t));
  const { heard } = keep(messages, 'sessions');
  const admin = new Redis(redis!.url);
  t.after(() => {
    admin.disconnect();
  });
  await admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
  await until('both', () => events.slice(-2).join() === 'deaf,hearing');
  await messages.send('sessions', 'again');
  await until('it', () => heard.length === 1);
});

test(
  'a connection that hangs is found out, and what is proven never lies in the time of silence',
  { skip },
  async (t) => {
    const own = (await startRedis())!;
    t.after(() => own.stop());
    const { messages, events } = await hearing(onRedis(t, own.url));
    await until('a proof that moves', () => performance.now() - messages.heardUntil() < 300);
    own.pause();
    const paused = performance.now();
    await until('deafness', () => events.at(-1) === 'deaf');
    assert.equal(messages.heardUntil(), -Infinity);
    await assert.rejects(messages.send('sessions', 'x'), { code: 'session_store_unavailable' });
    own.resume();
    await until('hearing', () => events.at(-1) === 'hearing');
    assert.ok(messages.heardUntil() > paused);
  },
);
