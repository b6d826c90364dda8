import { buildConnector } from 'undici';

/**
 * Connections of the upstream pool. undici takes a reset for the regular end of a body that the end of the connection
 * delimits (`onHttpSocketError` in its client-h1.js); a reset is then renamed, so that it stays the failure it is.
 * Certificates are verified whatever `NODE_TLS_REJECT_UNAUTHORIZED` says: for the upstream there is no switch.
 * @param timeoutMs for TCP and TLS together
 */
export function createConnector(timeoutMs: number): buildConnector.connector {
  const connect = buildConnector({ timeout: timeoutMs, rejectUnauthorized: true });
  return (options, callback) => {
    connect(options, (...result) => {
      result[1]?.on('error', renameReset);
      callback(...result);
    });
  };
}

function renameReset(error: NodeJS.ErrnoException): void {
  if (error.code === 'ECONNRESET') error.code = 'UPSTREAM_RESET';
}
