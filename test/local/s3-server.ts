import { S3Client } from '@aws-sdk/client-s3';
import { Credentials, type Principal } from '../../local/auth/credentials.ts';
import { Front } from '../../local/front/server.ts';
import { s3Front } from '../../local/front/services.ts';
import { Authoriser } from '../../local/iam/authoriser.ts';
import type { Policies } from '../../local/iam/policies.ts';
import { S3Service } from '../../local/s3/service.ts';

export interface S3Server {
  readonly endpoint: string;
  readonly service: S3Service;
  readonly developer: Principal;
  /** Credentials of a function in a role. */
  inRole(role: string): Principal;
  client(principal?: Principal): S3Client;
  close(): Promise<void>;
}

const NO_POLICIES: Policies = { ofRoles: new Map(), ofResources: new Map(), unknown: [] };

/** The S3 server behind the signature, with a versioned bucket `kept` and a plain one `plain`. */
export async function startS3(directory: string, policies: Policies = NO_POLICIES): Promise<S3Server> {
  const credentials = new Credentials(directory);
  const front = await Front.listen(0, credentials);
  const service = new S3Service(directory);
  service.store.addBucket('kept', { versioned: true, announces: true });
  service.store.addBucket('plain', { versioned: false, announces: false });
  const authoriser = new Authoriser(policies);
  front.services.set('s3', s3Front(service, authoriser));
  const clients: S3Client[] = [];
  return {
    endpoint: front.endpoint,
    service,
    developer: credentials.developer,
    inRole: (role) => credentials.ofFunction('function', role),
    client: (principal = credentials.developer) => {
      const client = new S3Client({
        endpoint: front.endpoint,
        region: 'us-east-1',
        credentials: principalCredentials(principal),
      });
      clients.push(client);
      return client;
    },
    close: async () => {
      for (const client of clients) client.destroy();
      await front.close();
      service.store.close();
    },
  };
}

export function principalCredentials({ accessKeyId, secretAccessKey, sessionToken }: Principal) {
  return { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
}
