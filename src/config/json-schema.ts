import { z } from 'zod';
import { gatewayOptionsSchema } from './options.ts';

/** Text of `config.schema.json`: the JSON Schema (draft 2020-12) of what a configuration file may hold. */
export function configJsonSchema(): string {
  const { $schema, ...schema } = z.toJSONSchema(gatewayOptionsSchema, { io: 'input' });
  const head = {
    $schema,
    title: 'secure-chat-gateway',
    description: 'Configuration of secure-chat-gateway.',
  };
  return `${JSON.stringify({ ...head, ...schema }, null, 2)}\n`;
}
