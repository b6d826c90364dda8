import type { GatewayConfig } from '../config/gateway-config.ts';
import { NO_OVERLAY, type Overlay } from '../config/overlay.ts';
import { ConfigError } from '../config/problems.ts';
import { resolveOver } from '../config/resolve-over.ts';
import { describeError, type Logger } from '../observe/logger.ts';
import { overlayOf, type OverlayDocument, type OverlayReading } from '../session/overlay-document.ts';
import { resealed } from './reseal.ts';

/** What this process goes by. */
export interface InForce {
  readonly config: GatewayConfig;
  readonly overlay: Overlay;
}

/**
 * How the last look at the store ended. `behind`: what it holds cannot be taken over, and something older is in force;
 * `unknown`: nothing could be taken over yet.
 */
export type Standing = 'current' | 'behind' | 'unknown';

/** Keeps this process at what administrators have set. */
export interface Follower {
  /** What is in force; while the standing is `unknown`, file and environment alone. */
  readonly inForce: InForce;
  readonly standing: Standing;
  /** Looks at once, and takes over what is new. Never rejects: what cannot be read leaves everything as it is. */
  look(): Promise<void>;
  /** What this process has just written is in force here without another look. */
  wrote(config: GatewayConfig, overlay: Overlay): void;
}

/** What a follower works with. */
export interface FollowerParts {
  /** As file and environment have it. */
  readonly base: GatewayConfig;
  readonly document: OverlayDocument;
  /** Puts a configuration into force in this process. */
  readonly apply: (config: GatewayConfig) => void;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
}

/** What was found in the store, by its mark, and whether it could be taken over. */
interface Seen {
  readonly mark: string | undefined;
  readonly good: boolean;
}

/** Nothing is known before the first look. */
export function createFollower(parts: FollowerParts): Follower {
  return new OverlayFollower(parts);
}

class OverlayFollower implements Follower {
  inForce: InForce;
  standing: Standing = 'unknown';
  readonly #parts: FollowerParts;
  #seen: Seen | undefined;
  #olderMark: string | undefined;
  #complaint: string | undefined;
  #underWay: Promise<void> | undefined;

  constructor(parts: FollowerParts) {
    this.#parts = parts;
    this.inForce = { config: parts.base, overlay: NO_OVERLAY };
  }

  look(): Promise<void> {
    return (this.#underWay ??= this.#look().finally(() => {
      this.#underWay = undefined;
    }));
  }

  wrote(config: GatewayConfig, overlay: Overlay): void {
    // whatever was seen is no longer what is there
    this.#seen = undefined;
    this.#take(config, overlay);
  }

  #take(config: GatewayConfig, overlay: Overlay): void {
    const isNew = this.standing === 'unknown' || overlay.revision !== this.inForce.overlay.revision;
    // first: what cannot be put into force must not count as being so
    if (isNew) this.#parts.apply(config);
    this.standing = 'current';
    if (!isNew) return;
    this.inForce = { config, overlay };
    const { revision } = overlay;
    if (revision > 0) this.#parts.logger.info({ revision }, 'the settings of administrators are in force');
  }

  async #look(): Promise<void> {
    try {
      if (this.#seen === undefined || (await this.#parts.document.look()) !== this.#seen.mark)
        await this.#readAndTake();
      else if (this.#seen.good) this.standing = 'current';
      if (this.standing === 'current') this.#complaint = undefined;
    } catch (error) {
      this.#complain('the settings of administrators cannot be read', { cause: describeError(error) });
    }
  }

  async #readAndTake(): Promise<void> {
    const { document } = this.#parts;
    const read = await resealed(document, await document.read());
    const good = await this.#takeOver(read);
    if (good !== undefined) this.#seen = { mark: read.mark, good };
  }

  /** Could it be taken over? Undefined: nothing is decided, the next look reads again. */
  async #takeOver(read: OverlayReading): Promise<boolean | undefined> {
    const { base, document, logger } = this.#parts;
    const overlay = overlayOf(read);
    const { revision } = this.inForce.overlay;
    if (read.kind === 'unreadable')
      return this.#complain('the settings of administrators are sealed with another SEAL_KEY');
    if (read.kind === 'absent' && revision > 0) {
      if (await document.write(read, this.inForce.overlay))
        logger.warn({ revision }, 'the store had lost the settings of administrators; they are back');
      return undefined;
    }
    if (overlay.revision < revision) {
      // read a moment before this process wrote, unless it is there the next time too
      if (this.#olderMark === read.mark)
        this.#complain('the settings of administrators in the store are older than those in force');
      this.#olderMark = read.mark;
      return undefined;
    }
    try {
      this.#take(resolveOver(base, overlay, document.openSecret), overlay);
      return true;
    } catch (error) {
      if (error instanceof ConfigError)
        return this.#complain('the settings of administrators do not fit the configuration of this process', {
          problems: error.message,
        });
      return this.#complain('the settings of administrators cannot be put into force', {
        cause: describeError(error),
      });
    }
  }

  /** Once for each reason: the next look comes in a second. */
  #complain(reason: string, fields: Parameters<Logger['error']>[0] = {}): false {
    const { revision } = this.inForce.overlay;
    if (this.standing === 'current') this.standing = 'behind';
    if (this.#complaint !== reason) this.#parts.logger.error({ ...fields, revision }, reason);
    this.#complaint = reason;
    return false;
  }
}
