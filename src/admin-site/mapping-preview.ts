import type { ExplainedRow, ExplainedWhy } from '../admin/explain.ts';
import type { Claims } from '../claims/identity-types.ts';
import { ConfigError, type Problem } from '../config/problems.ts';
import type { ConnectionPlace } from './connection-form.ts';
import { problemText } from './problem-texts.ts';
import type { Chip } from './shown.ts';
import type { Visit } from './visit.ts';

/** What would be sent, or why that cannot be told. */
export interface Preview {
  /** Of the sample. */
  readonly problem?: string;
  /** Of the mapping. */
  readonly refused?: readonly Problem[];
  readonly rows?: readonly ReturnType<typeof shownRow>[];
  /** Names of claims of the sample that nothing is made of. */
  readonly unmapped?: readonly string[];
}

/** What a preview is made of. */
export interface PreviewInput {
  readonly place: ConnectionPlace;
  readonly authMapping: object;
  /** JSON, as it was typed. */
  readonly sample: string;
}

/** Which header would carry what, by the code that sends it. Nothing of the sample is kept. */
export async function previewOf({ administration }: Visit, input: PreviewInput): Promise<Preview> {
  const claims = claimsOf(input.sample);
  if (claims === undefined) return { problem: 'Expected a JSON object of claims.' };
  try {
    const { authMapping } = input;
    const { accepted, rows, unmapped } = await administration.explain(input.place, claims, { authMapping });
    if (!accepted) return { problem: 'Expected a “sub” among the claims: without one the login is refused.' };
    return { rows: rows.map(shownRow), unmapped };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.some(({ path }) => path.includes('authMapping'))
      ? { refused: error.problems }
      : { problem: error.problems.map(problemText).join(' ') };
  }
}

const WHY: Readonly<Record<ExplainedWhy, Chip>> = {
  masked: { tone: 'good', label: 'masked' },
  holds_masked: { tone: 'good', label: 'holds a masked value' },
  pseudonym: { tone: 'accent', label: 'pseudonym' },
  cut: { tone: 'care', label: 'cut to fit' },
  encoded: { tone: 'quiet', label: 'percent-encoded' },
  absent: { tone: 'quiet', label: 'not in the claims' },
  other_first: { tone: 'quiet', label: 'another claim comes first' },
  left_out: { tone: 'care', label: 'no room for it' },
};

function shownRow({ header, value, claim, why }: ExplainedRow) {
  const isMade = value === undefined && why.length === 0;
  return {
    header,
    value: isMade ? 'a signed JWT, another one for each request' : value,
    isText: isMade,
    chips: why.map((one) => WHY[one]),
    why: claim === undefined ? '' : `from ${claim}`,
  };
}

function claimsOf(sample: string): Claims | undefined {
  try {
    const value: unknown = JSON.parse(sample);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
