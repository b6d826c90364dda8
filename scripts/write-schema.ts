import { writeFileSync } from 'node:fs';
import { openApiDocument } from '../src/admin-site/api/openapi.ts';
import { configJsonSchema } from '../src/config/json-schema.ts';

writeFileSync(new URL('../config.schema.json', import.meta.url), configJsonSchema());
writeFileSync(
  new URL('../docs/openapi.json', import.meta.url),
  `${JSON.stringify(openApiDocument(), null, 2)}\n`,
);
