import axe from 'axe-core';
import type { Page as Tab } from 'playwright-core';

/** What another width or other colours can break: the rest is the same in all of them, and takes most of the time. */
export const LOOKS = ['color-contrast', 'link-in-text-block', 'scrollable-region-focusable', 'target-size'];

/** The rules that the page shown violates, each with the element; `rules` are all of axe's own choice where absent. */
export async function violatedRules(tab: Tab, rules?: readonly string[]): Promise<string[]> {
  await tab.evaluate(axe.source);
  const options = { resultTypes: ['violations'], ...(rules && { runOnly: rules }) };
  const { violations } = await tab.evaluate<axe.AxeResults>(`axe.run(${JSON.stringify(options)})`);
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}
