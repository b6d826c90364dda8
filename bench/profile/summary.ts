/** A node of a V8 CPU profile, as far as it is used. */
export interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  readonly children?: readonly number[];
}

/** What `node --cpu-prof` writes. */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  /** Microseconds of a clock of V8's own. */
  readonly endTime: number;
  readonly startTime: number;
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** A share of the time in which the process was not idle. */
export interface Share {
  readonly name: string;
  readonly share: number;
}

/** Where the time of a process has gone. */
export interface ProfileSummary {
  /** By whose code was running: each source file's folder, each package, Node, the collector, the rest of the program. */
  readonly groups: readonly Share[];
  /** By function, what it did itself. */
  readonly self: readonly Share[];
  /** By function of the gateway, with everything that it called. */
  readonly inclusive: readonly Share[];
}

/** Part of a profile that counts: microseconds back from its end. */
export interface ProfileWindow {
  readonly from: number;
  readonly to: number;
}

/** Adds up the samples of a window, without those in which the process was idle. */
export function summarise(profile: CpuProfile, window: ProfileWindow): ProfileSummary {
  const byId = new Map(profile.nodes.map((node) => [node.id, node]));
  const parents = new Map(
    profile.nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])),
  );
  const own = timesByNode(profile, window);
  const groups = new Map<string, number>();
  const self = new Map<string, number>();
  const inclusive = new Map<string, number>();
  let total = 0;
  for (const [id, micros] of own) {
    const node = byId.get(id);
    if (node === undefined || node.callFrame.functionName === '(idle)') continue;
    total += micros;
    add(groups, groupOf(node.callFrame), micros);
    add(self, nameOf(node.callFrame), micros);
    for (const name of new Set(pathOf(id, byId, parents).filter(isOwn).map(nameOf)))
      add(inclusive, name, micros);
  }
  const shares = (times: Map<string, number>): Share[] =>
    [...times].map(([name, micros]) => ({ name, share: micros / total })).sort((a, b) => b.share - a.share);
  return { groups: shares(groups), self: shares(self), inclusive: shares(inclusive) };
}

function timesByNode({ samples, timeDeltas, startTime, endTime }: CpuProfile, { from, to }: ProfileWindow) {
  const times = new Map<number, number>();
  let at = startTime;
  samples.forEach((id, i) => {
    at += timeDeltas[i] ?? 0;
    const left = endTime - at;
    // a sample stands for the time until the next one
    if (left <= from && left >= to) add(times, id, timeDeltas[i + 1] ?? 0);
  });
  return times;
}

type Frame = ProfileNode['callFrame'];

function pathOf(
  id: number,
  nodes: ReadonlyMap<number, ProfileNode>,
  parents: ReadonlyMap<number, number>,
): Frame[] {
  const path: Frame[] = [];
  for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
    const node = nodes.get(at);
    if (node !== undefined) path.push(node.callFrame);
  }
  return path;
}

function isOwn({ url }: Frame): boolean {
  return ownFile(url) !== undefined;
}

/** `proxy/exchange.ts` of a compiled file of the gateway. */
function ownFile(url: string): string | undefined {
  return /\/dist\/(?!.*node_modules)(.+)\.js$/.exec(url)?.[1]?.concat('.ts');
}

function packageOf(url: string): string | undefined {
  return /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1];
}

function groupOf({ url, functionName }: Frame): string {
  if (functionName === '(garbage collector)') return 'garbage collector';
  if (functionName === '(program)') return 'system calls and native code';
  const file = packageOf(url) === undefined ? ownFile(url) : undefined;
  if (file !== undefined) return `gateway: ${file.includes('/') ? (file.split('/')[0] ?? '') : 'root'}`;
  const name = packageOf(url);
  if (name !== undefined) return `package: ${name}`;
  if (url.startsWith('node:')) return `Node: ${/^node:(?:internal\/)?([\w]+)/.exec(url)?.[1] ?? ''}`;
  return 'native functions';
}

function nameOf({ url, functionName, lineNumber }: Frame): string {
  const name = functionName === '' ? '(anonymous)' : functionName;
  const inPackage = packageOf(url);
  if (inPackage !== undefined)
    return `${name} (${inPackage}${url.slice(url.lastIndexOf(`${inPackage}/`) + inPackage.length)})`;
  const file = ownFile(url);
  if (file !== undefined) return `${name} (src/${file})`;
  return url === '' ? name : `${name} (${url}:${lineNumber + 1})`;
}

function add<K>(times: Map<K, number>, key: K, micros: number): void {
  times.set(key, (times.get(key) ?? 0) + micros);
}
