import type { Landing } from './address.ts';

/** How often it is looked whether the visitor has closed a popup; nothing tells. */
const LOOK_MS = 250;

/** A window beside this page, still empty; undefined where the browser blocks it. Only inside a click is it not. */
export function openWindow(): Window | undefined {
  const opened = open('', '_blank', 'popup,width=480,height=720');
  return opened?.closed === false ? opened : undefined;
}

/** Does a click of the visitor still count? Undefined in a browser that does not say. */
export function isClick(): boolean | undefined {
  return (navigator as { userActivation?: UserActivation }).userActivation?.isActive;
}

/** Would a popup come through now? A browser that does not say may be asked by trying. */
export function mayOpen(): boolean {
  return isClick() ?? true;
}

/**
 * Waits for what the gateway's last page in the popup posts: from the gateway's very origin, and from that very window.
 * A popup that is closed before has come to `popup_closed`.
 */
export function outcomeOf(popup: Window, origin: string): Promise<Landing> {
  return new Promise((resolve) => {
    let wasClosed = false;
    const done = (landing: Landing): void => {
      clearInterval(timer);
      removeEventListener('message', listen);
      resolve(landing);
    };
    const listen = ({
      origin: from,
      source,
      data,
    }: MessageEvent<(Landing & { type?: unknown }) | null>): void => {
      if (from === origin && source === popup && data?.type === 'secure-chat') done(data);
    };
    // its message may come right after it has closed, so one more look
    const timer = setInterval(() => {
      if (wasClosed) done({ authError: 'popup_closed' });
      wasClosed = popup.closed;
    }, LOOK_MS);
    addEventListener('message', listen);
  });
}
