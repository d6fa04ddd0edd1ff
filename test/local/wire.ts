import { Credentials } from '../../local/auth/credentials.ts';
import { Front, type Service } from '../../local/front/server.ts';
import { Authoriser } from '../../local/iam/authoriser.ts';
import { principalCredentials } from './s3-server.ts';

type Grants = Record<string, readonly { Action: string | string[]; Resource: string }[]>;

/** Who may do what, by role. */
export function granting(grants: Grants): Authoriser {
  const ofRoles = new Map(
    Object.entries(grants).map(([role, statements]) => [
      role,
      [
        {
          name: 'grants',
          policy: {
            Version: '2012-10-17',
            Statement: statements.map(({ Action, Resource }) => ({ Effect: 'Allow', Action, Resource })),
          },
        },
      ],
    ]),
  );
  return new Authoriser({ ofRoles, ofResources: new Map(), unknown: [] });
}

export interface Wire {
  /** Settings of an SDK client that comes as a role, or as the developer. */
  as(role?: string): {
    endpoint: string;
    region: string;
    maxAttempts: number;
    credentials: ReturnType<typeof principalCredentials>;
  };
  close(): Promise<void>;
}

/** Services behind an endpoint, as SDK clients find them. */
export async function serve(dataDirectory: string, services: Record<string, Service>): Promise<Wire> {
  const credentials = new Credentials(dataDirectory);
  const front = await Front.listen(0, credentials);
  for (const [name, service] of Object.entries(services)) front.services.set(name, service);
  return {
    as: (role) => ({
      endpoint: front.endpoint,
      region: 'us-east-1',
      maxAttempts: 1,
      credentials: principalCredentials(
        role === undefined ? credentials.developer : credentials.ofFunction(`function-of-${role}`, role),
      ),
    }),
    close: () => front.close(),
  };
}
