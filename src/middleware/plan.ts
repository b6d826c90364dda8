import type { IncomingMessage } from 'node:http';
import type { ForwardPlan } from '../proxy/proxy.ts';
import type { Address } from '../queues/canonical-path.ts';
import type { Runtime } from './runtime.ts';

/** What of a plan is decided from request to request. */
export type Decided = Pick<ForwardPlan, 'identity' | 'body' | 'reading' | 'subprotocol'>;

/** How a request goes on. Its id is made only when a line of the log needs it. */
export class Plan implements ForwardPlan {
  readonly target: string;
  readonly identity: ForwardPlan['identity'];
  readonly noStore: boolean;
  readonly body: Buffer | undefined;
  readonly reading: ForwardPlan['reading'];
  readonly subprotocol: string | undefined;
  readonly deadline: number;
  readonly #runtime: Runtime;
  readonly #req: IncomingMessage;

  constructor(runtime: Runtime, req: IncomingMessage, { target }: Address, decided: Decided) {
    this.#runtime = runtime;
    this.#req = req;
    this.target = target;
    this.identity = decided.identity;
    this.noStore = decided.identity !== undefined;
    this.body = decided.body;
    this.reading = decided.reading;
    this.subprotocol = decided.subprotocol;
    this.deadline = runtime.deadlineOf(req);
  }

  get requestId(): string {
    return this.#runtime.contextOf(this.#req).requestId;
  }
}
