// Who is it? The check that a chat server in Node makes for every request from the gateway.
import { createInterface } from 'node:readline';
import { AssertionRefused, createVerifier, decodeIdentityHeaders } from 'secure-chat-gateway/verify';

const verifier = createVerifier({
  issuer: process.env['ISSUER'] ?? 'https://chat.example.no',
  audience: process.env['AUDIENCE'] ?? 'q_bank',
  ...(process.env['JWKS_URL'] === undefined ? {} : { jwksUri: process.env['JWKS_URL'] }),
});

/** In a server: `await verifier.verifyRequest(req)`, in the handler of requests and in that of upgrades. */
async function identify(headers: Record<string, string[]>): Promise<object> {
  const { sub, nickName, variables } = await verifier.verifyRequest(headers);
  // the same facts without a signature, for what shows a name before anything else is done
  const plain = decodeIdentityHeaders(headers);
  return {
    ok: true,
    sub,
    nickName,
    variables,
    plain: { nickName: plain?.nickName, variables: plain?.variables },
  };
}

// One request a line: {"Header-Name": ["value"], ...}. A server has an HTTP library instead.
for await (const line of createInterface({ input: process.stdin })) {
  const answer = await identify(JSON.parse(line) as Record<string, string[]>).catch((error: unknown) => {
    if (error instanceof AssertionRefused) return { ok: false, error: error.code };
    throw error;
  });
  console.log(JSON.stringify(answer));
}
