import { refusedFields, type Answer, type Page, type ShownRefusal, type Visit } from '../visit.ts';
import { overviewLink } from './crumbs.ts';

/** Pseudonyms as log and audit record show them. */
const PSEUDONYM = /^[\w-]{10,100}$/;

/** The form that ends everything of one person. */
export const sessions: Page = (visit) => sessionsPage(visit);

/** Asks again, then does it. */
export const revoke: Page = async (visit) => {
  const { form, session, runtime, requestId, base } = visit;
  const subject = form.get('subject')?.trim() ?? '';
  if (!PSEUDONYM.test(subject))
    return sessionsPage(
      visit,
      refusedFields({ subject: 'Expected the pseudonym of a person, as the audit record shows it.' }),
    );
  if (form.get('confirmed') !== 'yes') return confirmPage(visit, subject);
  const ended = await runtime.erasure.revokeSubject(
    { subject },
    { actor: session.administrator.name, requestId },
  );
  const { sessions: ends, chats } = ended;
  return {
    goTo: `${base}/sessions`,
    flash:
      ends + chats === 0
        ? { tone: 'care', text: 'Nothing was kept of this person.' }
        : { tone: 'good', text: `Ended: ${counted(ends, 'session')}, ${counted(chats, 'chat')}.` },
  };
};

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

async function sessionsPage(visit: Visit, refusal?: ShownRefusal): Promise<Answer> {
  const { canChange, session, form, countVerified } = visit;
  return {
    view: 'sessions',
    title: 'Sessions',
    status: refusal?.status ?? 200,
    model: {
      canChange,
      csrfToken: session.csrfToken,
      refusal: refusal?.refusal,
      numbers: [{ label: 'Verified now, one for each browser and connection', value: await countVerified() }],
      fields: [
        {
          name: 'subject',
          label: 'Pseudonym of the person',
          hint: '“subject” of the log and the audit record.',
          kind: 'text',
          value: form.get('subject') ?? '',
          problem: refusal?.fields['subject'],
        },
      ],
    },
  };
}

function confirmPage({ base, session }: Visit, subject: string): Answer {
  const heading = 'End everything of this person?';
  return {
    view: 'confirm',
    title: heading,
    narrow: true,
    crumbs: [overviewLink(base)],
    model: {
      heading,
      paragraphs: [
        `It is the person ${subject}. Chats that run are broken off, and what is kept of the person is deleted.`,
        'This cannot be taken back.',
      ],
      label: 'Yes, end everything',
      values: { subject, confirmed: 'yes' },
      csrfToken: session.csrfToken,
      revision: undefined,
      canForce: false,
      action: `${base}/sessions`,
      backHref: `${base}/sessions`,
    },
  };
}
