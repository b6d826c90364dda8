import { adminHashToken } from './admin-hash-token.ts';
import { auditList, auditVerify } from './audit.ts';
import { check } from './check.ts';
import type { Command } from './command.ts';
import { connectionList } from './connection-list.ts';
import { explain } from './explain.ts';
import { keysGenerate } from './keys-generate.ts';
import { keysRotate } from './keys-rotate.ts';
import { queueList, queueOpen, queueReset, queueSecure } from './queue.ts';
import { secretSet } from './secret-set.ts';
import { sessionsRevoke } from './sessions-revoke.ts';
import { startCommand } from './start.ts';

/** Every command, in the order of the help. `serve` as in `startCommand`. */
export function allCommands(serve: Parameters<typeof startCommand>[0]): readonly Command[] {
  return [
    startCommand(serve),
    check,
    explain,
    queueList,
    queueSecure,
    queueOpen,
    queueReset,
    connectionList,
    secretSet,
    keysGenerate,
    keysRotate,
    sessionsRevoke,
    auditList,
    auditVerify,
    adminHashToken,
  ];
}
