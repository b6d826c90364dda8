import { performance } from 'node:perf_hooks';
import { ProviderUnavailable } from './provider-failure.ts';

/**
 * The result of work that others may share and that therefore goes on after the deadline.
 *
 * @param deadline Milliseconds of `performance.now()`; undefined waits as long as the work takes.
 * @throws GatewayError `provider_unavailable` when the deadline comes first.
 */
export async function withinDeadline<T>(work: Promise<T>, deadline: number | undefined): Promise<T> {
  if (deadline === undefined) return await work;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => {
        reject(new ProviderUnavailable('The provider did not answer in time.', { notSent: true }));
      },
      Math.max(0, deadline - performance.now()),
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
