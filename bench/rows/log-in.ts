import { Browser } from '../../test/support/browser.ts';
import { BenchError } from '../bench-error.ts';

/**
 * Opens a page as a person does, through every redirect, and gives the cookies that the browser then has.
 * @throws BenchError when the page does not come in the end
 */
export async function logIn(port: number, path: string): Promise<string> {
  const browser = new Browser();
  const { status, url } = await browser.open(`http://127.0.0.1:${port}${path}`);
  if (status !== 200) throw new BenchError(`the login ended with ${status} at ${new URL(url).pathname}`);
  return browser.cookies('127.0.0.1');
}
