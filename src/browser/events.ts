import type { SecureChat, SecureChatEvents } from './types.ts';

/** The events of one client. */
export interface Events {
  readonly on: SecureChat['on'];
  emit<Type extends keyof SecureChatEvents>(type: Type, detail: SecureChatEvents[Type]): void;
}

/** A listener that throws spoils nothing for the others: its error is reported like that of any other event. */
export function createEvents(): Events {
  const target = new EventTarget();
  return {
    on(type, listener) {
      const listen = (event: Event): void => {
        listener((event as CustomEvent<SecureChatEvents[typeof type]>).detail);
      };
      target.addEventListener(type, listen);
      return () => {
        target.removeEventListener(type, listen);
      };
    },
    emit(type, detail) {
      target.dispatchEvent(new CustomEvent(type, { detail }));
    },
  };
}
