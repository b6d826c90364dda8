import type { TabIdentity } from './identity.ts';
import type { Recovery } from './recovery.ts';
import { refused } from './refusal.ts';
import { gatewayAddress } from './requests.ts';
import type { ReadSettings } from './settings.ts';

/** WebSockets with the identity: the cookie, or the token as a subprotocol, since a browser sets no headers here. */
export function createSockets(
  settings: ReadSettings,
  identity: TabIdentity,
  recovery: Recovery,
): (url: string | URL, protocols?: string | readonly string[]) => Promise<WebSocket> {
  async function open(url: string, protocols: readonly string[]): Promise<WebSocket> {
    await identity.freshen();
    const { token } = identity.carries();
    const ours = token ? ['secure-chat', `secure-chat.bearer.${token}`] : [];
    const socket = new WebSocket(url, [...ours, ...protocols]);
    return new Promise((resolve, reject) => {
      socket.onopen = () => {
        socket.onopen = socket.onclose = null;
        resolve(socket);
      };
      socket.onclose = () => {
        reject(refused(0));
      };
    });
  }

  return async function connect(url, protocols = []) {
    const address = gatewayAddress(settings.origin, String(url).replace(/^ws/i, 'http'));
    const target = address.href.replace(/^http/, 'ws');
    const offers = [protocols].flat();
    try {
      return await open(target, offers);
    } catch (error) {
      // a browser says of a refused handshake only that it was refused
      if (!identity.known()) throw error;
      const { authenticated, pending } = await identity.session();
      if (authenticated || pending === true) throw error;
      if (!(await recovery.again('login_required', true))) throw refused(401, 'login_required', error);
      return open(target, offers);
    }
  };
}
