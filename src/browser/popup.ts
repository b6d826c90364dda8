import type { Landing } from './address.ts';

/** How often it is looked whether the visitor has closed a popup; nothing tells. */
const LOOK_MS = 250;

/** A window beside this page, still empty; undefined where the browser blocks it. Only inside a click is it not. */
export function openWindow(): Window | undefined {
  const opened = open('', '_blank', 'popup,width=480,height=720');
  return opened?.closed === false ? opened : undefined;
}

/** Would a popup come through now? A browser that does not say may be asked by trying. */
export function mayOpen(): boolean {
  return (navigator as { userActivation?: UserActivation }).userActivation?.isActive ?? true;
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
    const listen = (event: MessageEvent<unknown>): void => {
      if (event.origin !== origin || event.source !== popup) return;
      const said = event.data as { type?: unknown; authCode?: unknown; authError?: unknown } | null;
      if (said?.type !== 'secure-chat') return;
      if (typeof said.authCode === 'string') done({ authCode: said.authCode });
      else done({ authError: String(said.authError) });
    };
    // its message may come right after it has closed, so one more look
    const timer = setInterval(() => {
      if (wasClosed) done({ authError: 'popup_closed' });
      wasClosed = popup.closed;
    }, LOOK_MS);
    addEventListener('message', listen);
  });
}
