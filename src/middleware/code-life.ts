/**
 * How long a code may wait for its queue, whatever the provider grants it, and with it the handle that stands for its login:
 * 10 minutes (RFC 6749, section 4.1.2).
 */
export const CODE_LIFE_MS = 600_000;
