/** Chat API v1, call by call. Nothing here knows who answers at its base address. */
export class ChatApi {
  /**
   * @param {string} base `https://api.puzzel.com/chat/v1`, or whatever stands in front of it
   * @param {RequestCredentials} credentials whether requests to another site carry its cookies; the browser's default
   */
  constructor(base, credentials = 'same-origin') {
    this.base = base;
    this.credentials = credentials;
  }

  call(method, path, json) {
    return fetch(`${this.base}${path}`, {
      method,
      credentials: this.credentials,
      ...(json !== undefined && {
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(json),
      }),
    });
  }

  /** The page's address goes along: the server keeps it, and answers with a `state`. */
  async authState({ customerKey }) {
    const response = await this.call('POST', `/auth/state/${customerKey}`, { returnUrl: location.href });
    const { state } = await response.json();
    if (typeof state !== 'string') throw new Error(`no state: ${response.status}`);
    return state;
  }

  /** Opens a chat; `code` is what came back as `authCode`. */
  async start({ customerKey, queueKey, nickName = '', authConnectionName }, code) {
    const response = await this.call('POST', '/sessions', {
      customerKey,
      queueKey,
      nickName,
      languageCode: 'EN',
      denyArchiving: false,
      intro: {
        msgWelcomeHeader: 'Welcome to Fjordbank',
        msgWelcome: 'An adviser will be with you in a moment.',
        variables: { Page: location.pathname },
      },
      ...(code && { auth: { code, connectionName: authConnectionName } }),
    });
    return { status: response.status, session: response.ok ? await response.json() : undefined };
  }

  /** Lines after `last`; 404 is the end of the chat. */
  async messages(settings, session, last) {
    const response = await this.call('GET', `${place(settings, session)}/messages/${last}`);
    return { status: response.status, messages: response.ok ? await response.json() : undefined };
  }

  post(settings, session, message) {
    return this.call('POST', `${place(settings, session)}/messages`, message);
  }

  end(settings, session) {
    return this.call('DELETE', `${place(settings, session)}/${session.requestId}`);
  }
}

function place({ customerKey }, { iqSessionId }) {
  return `/sessions/${customerKey}-${iqSessionId}`;
}
