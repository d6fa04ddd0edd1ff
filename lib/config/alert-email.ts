import { z } from 'zod';

/** Where alerts are mailed: those that can wait until the morning, and those that somebody is woken for. */
export type EmailOption = 'alertEmail' | 'pageEmail';

/**
 * An address from `-c alertEmail=…` or `-c pageEmail=…`; absent means that nobody is subscribed yet.
 *
 * @throws Error when the value is not an e-mail address
 */
export function parseEmail(option: EmailOption, value: unknown): string | undefined {
  if (value === undefined) return undefined;
  const address = z.email().safeParse(value);
  if (!address.success) {
    throw new Error(
      `${JSON.stringify(value)} is not an e-mail address. Give one with -c ${option}=name@example.com.`,
    );
  }
  return address.data;
}
