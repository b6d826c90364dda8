import type { ConnectionOverlay, Overlay, Setting } from '../config/overlay.ts';
import type { OverlayDocument, OverlayReading } from '../session/overlay-document.ts';

/** Processes with different first keys would otherwise write in turns for as long as both run. */
const PAUSE_MS = 3_600_000;

const resealedAt = new WeakMap<OverlayDocument, number>();

/**
 * A reading that was sealed under another key than the first is sealed anew, secrets too, so that the old key can be
 * dropped; at most once an hour in a process. Of many processes one writes. Gives back the reading, which says the same.
 */
export async function resealed(document: OverlayDocument, read: OverlayReading): Promise<OverlayReading> {
  if (read.kind !== 'read' || !document.isOutdated(read)) return read;
  if (Date.now() - (resealedAt.get(document) ?? -Infinity) < PAUSE_MS) return read;
  resealedAt.set(document, Date.now());
  await document.write(read, withFreshSecrets(document, read.overlay));
  return read;
}

function withFreshSecrets(document: OverlayDocument, overlay: Overlay): Overlay {
  return {
    ...overlay,
    customers: overlay.customers.map((customer) => ({
      ...customer,
      connections: customer.connections.map((connection) => ({
        ...connection,
        settings: connection.settings.map((setting) =>
          freshSetting(document, customer.customerKey, connection, setting),
        ),
      })),
    })),
  };
}

function freshSetting(
  document: OverlayDocument,
  customerKey: string,
  { authConnectionName }: ConnectionOverlay,
  setting: Setting,
): Setting {
  if (!('sealed' in setting)) return setting;
  const place = { customerKey, authConnectionName, key: setting.key };
  return { ...setting, sealed: document.sealSecret(place, document.openSecret(place, setting.sealed)) };
}
