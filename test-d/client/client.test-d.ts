import { createSecureChat, type LoginOutcome, type SecureChat } from 'secure-chat-gateway/client';

const chat: SecureChat = createSecureChat({
  gateway: 'https://chat.example.no/secure-chat',
  queueKey: 'q_bank',
  display: 'popup',
});

// the vendor's own settings, as they stand on its pages
createSecureChat({
  authConnectionName: 'Signicat',
  authClientId: 'puzzelchatssodev',
  authEndpoint: 'https://preprod.signicat.com/oidc',
  authMapping: { AuthUserId: { MapType: 'ChatId' } },
  customerKey: 12345,
  queueKey: 'q_bank',
});

export async function typed(): Promise<unknown> {
  const outcome: LoginOutcome = await chat.start({ display: 'page' });
  const reason: string = outcome.status === 'login-required' ? outcome.reason : '';
  const stop: () => void = chat.on('verified', ({ queueKey, session }) => [queueKey, session.nickName]);
  chat.on('signed-out', ({ elsewhere }) => !elsewhere);
  const response: Response = await chat.fetch('/queues/q_bank/chats', { method: 'POST' });
  const socket: WebSocket = await chat.connect('/queues/q_bank/ws', 'chat.v1');
  return [reason, stop, response, socket, chat.unsent()[0]?.body];
}

// @ts-expect-error no such event
chat.on('verfied', () => undefined);

// @ts-expect-error no such display
void chat.start({ display: 'iframe' });
