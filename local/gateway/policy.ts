import { z } from 'zod';

const texts = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat());

/** The policy an authorizer answers; conditions and negations would change its meaning and are refused. */
export const policyDocumentSchema = z.object({
  Version: z.string().optional(),
  Id: z.string().optional(),
  Statement: z
    .union([z.array(z.unknown()), z.unknown()])
    .transform((value) => [value].flat())
    .pipe(
      z.array(
        z.strictObject({
          Sid: z.string().optional(),
          Effect: z.enum(['Allow', 'Deny']),
          Action: texts,
          Resource: texts,
        }),
      ),
    ),
});

export type PolicyDocument = z.infer<typeof policyDocumentSchema>;

export type Decision = 'Allow' | 'ImplicitDeny' | 'ExplicitDeny';

/** Whether a policy lets a method be invoked, by the method's ARN: a denial beats whatever else allows it. */
export function evaluate({ Statement }: PolicyDocument, methodArn: string): Decision {
  const matching = Statement.filter(
    ({ Action, Resource }) =>
      Action.some((action) => matchesWildcards(action.toLowerCase(), 'execute-api:invoke')) &&
      Resource.some((resource) => matchesWildcards(resource, methodArn)),
  );
  if (matching.some(({ Effect }) => Effect === 'Deny')) return 'ExplicitDeny';
  return matching.length > 0 ? 'Allow' : 'ImplicitDeny';
}

/** Whether a text is of a pattern in which `*` is any text, slashes included, and `?` any one character. */
function matchesWildcards(pattern: string, text: string): boolean {
  const literal = pattern.replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(`^${literal.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's').test(text);
}
