import { z } from 'zod';

/**
 * Where alerts are mailed, from `-c alertEmail=…`; absent means that nobody is subscribed yet.
 *
 * @throws Error when the value is not an e-mail address
 */
export function parseAlertEmail(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  const address = z.email().safeParse(value);
  if (!address.success) {
    throw new Error(
      `${JSON.stringify(value)} is not an e-mail address. Give one with -c alertEmail=name@example.com.`,
    );
  }
  return address.data;
}
