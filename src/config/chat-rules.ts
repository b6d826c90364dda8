import type { ChatRuleOptions } from './chat-rule-options.ts';
import type { ChatRule } from './gateway-config.ts';
import type { GatewayOptions } from './options.ts';
import type { Path, Report } from './problems.ts';
import { checkHeader, checkPath, readPlace } from './queue-rules.ts';
import type { Sifted } from './shape.ts';

const SOURCES = ['query', 'header', 'body', 'chatIdFrom'] as const;

const MEMBER = '[^.{}]+(?:\\.[^.{}]+)*';
/** A member, or a text with members in braces of which one at least is not the customer's key. */
const CHAT_ID_FROM = new RegExp(
  `^(?:${MEMBER}|(?=.*\\{(?!customerKey\\}))[^{}]*(?:\\{${MEMBER}\\}[^{}]*)+)$`,
);

/** `chatRules`; each has exactly one source and a path that compiles. Without an upstream nobody's answers can be read. */
export function readChatRules(
  written: Sifted<GatewayOptions>['chatRules'],
  surroundings: {
    readonly headerPrefix: string;
    readonly hasUpstream: boolean;
    readonly preset?: GatewayOptions['preset'];
  },
  report: Report,
): ChatRule[] {
  const rules: readonly (Sifted<ChatRuleOptions> | undefined)[] = written ?? [];
  if (rules.length > 0 && !surroundings.hasUpstream) {
    report.problem(['chatRules'], 'an upstream beside it', 'its answers say which chats are started');
  }
  // a preset has both halves
  if (surroundings.preset === undefined) warnOfHalf(rules, report);
  return rules.map((rule, index) => {
    const path = ['chatRules', index];
    const pathNamesChat = checkPath(rule?.path, 'chatId', [...path, 'path'], report);
    if (rule !== undefined) checkSources(rule, pathNamesChat, path, report);
    checkHeader(rule?.header, surroundings.headerPrefix, [...path, 'header'], report);
    if (rule?.chatIdFrom !== undefined && !CHAT_ID_FROM.test(rule.chatIdFrom)) {
      report.problem(
        [...path, 'chatIdFrom'],
        'a member such as "chat.id", or a text such as "{customerKey}-{id}"',
      );
    }
    return { ...readPlace(rule, path, report), chatIdFrom: rule?.chatIdFrom };
  });
}

function checkSources(
  rule: Sifted<ChatRuleOptions>,
  pathNamesChat: boolean | undefined,
  path: Path,
  report: Report,
): void {
  const present: string[] = SOURCES.filter((source) => Object.hasOwn(rule, source));
  // the address of a chat may start another one
  if (pathNamesChat === true && !Object.hasOwn(rule, 'chatIdFrom')) present.push(':chatId');
  if (present.length === 1 || (present.length === 0 && pathNamesChat === undefined)) return;
  const found = present.length === 0 ? 'it has none' : `it has ${present.join(' and ')}`;
  report.problem(path, 'exactly one of query, header, body, chatIdFrom, or :chatId in the path', found);
}

/** Half a list refuses every chat in secure queues, or none. */
function warnOfHalf(rules: readonly (Sifted<ChatRuleOptions> | undefined)[], report: Report): void {
  if (rules.length === 0) return;
  const starting = rules.filter((rule) => rule !== undefined && Object.hasOwn(rule, 'chatIdFrom')).length;
  if (starting === 0) {
    report.warn(
      'chatRules: no rule has chatIdFrom, so every chat that is named in a secure queue is refused',
    );
  } else if (starting === rules.length) {
    report.warn(
      'chatRules: no rule says where later requests name their chat, so no chat is bound to its person',
    );
  }
}
