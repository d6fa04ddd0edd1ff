import * as z from 'zod';

/** What CloudFormation sends to the function of a custom resource, as far as an answer needs it. */
export const customResourceSchema = z.object({
  RequestType: z.enum(['Create', 'Update', 'Delete']),
  ResponseURL: z.url(),
  StackId: z.string(),
  RequestId: z.string(),
  LogicalResourceId: z.string(),
});
export type CustomResourceEvent = z.infer<typeof customResourceSchema>;

export type CustomResourceOutcome =
  | { readonly Status: 'SUCCESS' }
  | { readonly Status: 'FAILED'; readonly Reason: string };

/** An answer longer than 4 KiB is not taken, and then the deployment waits for an hour. */
const LONGEST_REASON = 1000;
const TRIES = 5;

/**
 * Tells CloudFormation what became of its request. Without an answer it waits for an hour, so this tries a few times.
 *
 * @param physicalId the same for one resource for ever: another one would have it deleted
 * @throws Error when CloudFormation does not take the answer
 */
export async function answerCustomResource(
  { ResponseURL, StackId, RequestId, LogicalResourceId }: CustomResourceEvent,
  physicalId: string,
  outcome: CustomResourceOutcome,
): Promise<void> {
  const reason = outcome.Status === 'FAILED' ? { Reason: outcome.Reason.slice(0, LONGEST_REASON) } : {};
  const answer = {
    ...outcome,
    ...reason,
    PhysicalResourceId: physicalId,
    StackId,
    RequestId,
    LogicalResourceId,
  };
  // As bytes, so that no content type is sent: the URL is signed without one.
  const body = Buffer.from(JSON.stringify(answer));
  for (let tries = 1; ; tries++) {
    try {
      const { ok, status } = await fetch(ResponseURL, { method: 'PUT', body });
      if (ok) return;
      throw new Error(`CloudFormation answered ${status}.`);
    } catch (error) {
      if (tries >= TRIES) throw error;
    }
  }
}
