import { apacheRows } from './apache.ts';
import { gatewayRows } from './gateway.ts';
import { direct, engine, engineWithIdentity, nodePeers } from './node-rows.ts';
import { plainProxies } from './plain-proxies.ts';
import type { Row } from './row.ts';

/** Every row, in the order of the table. */
export const ROWS: readonly Row[] = [
  direct,
  engine,
  engineWithIdentity,
  ...gatewayRows,
  ...nodePeers,
  ...apacheRows,
  ...plainProxies,
];
