/**
 * The form in which queue keys are compared: without outer blanks, compatibility forms unified (NFKC), lower case. Two
 * keys with the same fold are the same queue.
 */
export function foldQueueKey(queueKey: string): string {
  return queueKey.normalize('NFKC').trim().toLowerCase().normalize('NFKC');
}
