import { CHAT_API } from '../../demo/puzzel-system.ts';
import type { DemoSystem } from '../../demo/system.ts';
import { Browser } from './browser.ts';
import { PuzzelClient, type PuzzelManner } from './puzzel-client.ts';

/** The vendor's client of the demo's help centre, without a screen, in the browser of a person who is logged in at the bank. */
export async function helpCentreVisitor(
  { origins, puzzel }: Pick<DemoSystem, 'origins' | 'puzzel'>,
  person: string,
  manner: PuzzelManner = {},
): Promise<PuzzelClient> {
  const visitor = new Browser();
  const { url } = await visitor.open(`${origins.portal}/login`);
  await visitor.open(url, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: `person=${person}`,
  });
  const {
    customerKey,
    queueKey,
    authConnectionName = '',
    authClientId = '',
    authEndpoint = '',
  } = puzzel.settings;
  const page = {
    api: `${origins.puzzelGateway}${CHAT_API}`,
    url: `${origins.helpCentre}/`,
    customerKey,
    queueKey,
    authConnectionName,
    authClientId,
    authEndpoint,
  };
  return new PuzzelClient(page, manner, visitor);
}
