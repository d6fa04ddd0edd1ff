import { join } from 'node:path';
import { arn } from '../account.ts';
import type { Identity, IdentitySubject } from '../assembly/derived-identity.ts';
import { scalarText } from '../assembly/json.ts';
import type { AssemblyStack } from '../assembly/read.ts';
import type { BackingOptions, BackingService } from '../backing.ts';
import type { Authoriser } from '../iam/authoriser.ts';
import { loopbackCertificate } from '../tls/certificate.ts';
import { PostgresCluster } from './cluster.ts';
import { DatabaseFront, READER_HOST, WRITER_HOST } from './front.ts';
import { ClusterMetrics } from './metrics.ts';
import { MAX_READERS, ReaderCount } from './reader-count.ts';
import { type TokenClaim, userArn } from './token.ts';

/** Ids that the ARNs of users have, at the cluster and at the proxy before it. */
const CLUSTER_ID = 'cluster-LOCAL';
const PROXY_ID = 'prx-local';

/** The cluster that the templates ask for. */
interface Asked {
  readonly owner: string;
  readonly database: string;
  readonly readers: number;
}

/** Starts PostgreSQL for the database cluster of the templates, while everything else is set up. */
export async function openAurora(options: BackingOptions): Promise<BackingService | undefined> {
  const asked = askedOf(options.stacks);
  if (asked === undefined) return undefined;
  const { dataDirectory, credentials, logs } = options;
  const log = logs.of('database');
  const starting = PostgresCluster.open({
    ...asked,
    readers: Math.min(asked.readers, MAX_READERS),
    directory: join(dataDirectory, 'aurora'),
    log,
  });
  // Told to whoever deploys; until then nobody waits.
  starting.catch(() => undefined);
  const deployed = Promise.withResolvers<Authoriser>();
  let turn = 0;
  const front = await DatabaseFront.listen({
    certificate: loopbackCertificate(dataDirectory),
    credentials,
    serversOf: async (host) => {
      const { writer, readers } = await starting;
      if (host !== READER_HOST) return [writer.socket];
      const start = readers.length === 0 ? 0 : turn++ % readers.length;
      return [...readers.slice(start), ...readers.slice(0, start), writer].map(({ socket }) => socket);
    },
    authorise: async (claim) => authorise(claim, await deployed.promise),
    log,
  });
  let metrics: ClusterMetrics | undefined;
  let count: ReaderCount | undefined;
  return {
    identify: (subject) => identityOf(subject, front.port),
    measure: async () => metrics?.measure() ?? [],
    async deploy({ resources, authoriser, scalable }) {
      const cluster = await starting;
      const resource = resources.find(({ type }) => type === 'AWS::RDS::DBCluster');
      if (resource !== undefined) {
        const { name } = resource.identity;
        metrics = new ClusterMetrics(cluster, name);
        count = new ReaderCount(cluster, { name, readers: asked.readers, log });
        scalable.push(count);
      }
      deployed.resolve(authoriser);
      const left = asked.readers - MAX_READERS;
      return left > 0 ? [`${left} of ${asked.readers} readers of the database: two are enough here`] : [];
    },
    async close() {
      await front.close();
      await count?.settled();
      await starting.then((cluster) => cluster.close()).catch(log);
    },
  };
}

/** A token does not say whether it is for the proxy or for the cluster, and both are at one port. */
async function authorise({ principal, user }: TokenClaim, authoriser: Authoriser): Promise<void> {
  const access = (id: string) => ({ action: 'rds-db:connect', resource: userArn(id, user) });
  if (principal.role !== undefined && (await authoriser.roleMay(principal.role, access(PROXY_ID)))) return;
  await authoriser.authorise(principal, access(CLUSTER_ID));
}

function identityOf({ type, logicalId, property }: IdentitySubject, port: number): Identity | undefined {
  const nameOf = (given: string) => {
    const value = property(given);
    return value === undefined ? logicalId.toLowerCase() : scalarText(value, `${logicalId}.${given}`);
  };
  switch (type) {
    case 'AWS::RDS::DBCluster': {
      const name = nameOf('DBClusterIdentifier');
      const attributes = {
        DBClusterArn: arn('rds', `cluster:${name}`),
        DBClusterResourceId: CLUSTER_ID,
        'Endpoint.Address': WRITER_HOST,
        'Endpoint.Port': String(port),
        'ReadEndpoint.Address': READER_HOST,
      };
      return { name, ref: name, attributes };
    }
    case 'AWS::RDS::DBProxy': {
      const name = nameOf('DBProxyName');
      const attributes = { DBProxyArn: arn('rds', `db-proxy:${PROXY_ID}`), Endpoint: WRITER_HOST };
      return { name, ref: name, attributes };
    }
    case 'AWS::RDS::DBProxyEndpoint': {
      const name = nameOf('DBProxyEndpointName');
      const Endpoint = property('TargetRole') === 'READ_ONLY' ? READER_HOST : WRITER_HOST;
      return { name, ref: name, attributes: { Endpoint } };
    }
    default:
      return undefined;
  }
}

/** @throws Error when there are several clusters, of which only one is imitated */
function askedOf(stacks: readonly AssemblyStack[]): Asked | undefined {
  const resources = stacks.flatMap(({ template }) => Object.values(template.Resources));
  const [cluster, ...others] = resources.filter(({ Type }) => Type === 'AWS::RDS::DBCluster');
  if (cluster === undefined) return undefined;
  if (others.length > 0) throw new Error('Only one database cluster is imitated.');
  const { MasterUsername = 'postgres', DatabaseName = 'postgres' } = cluster.Properties;
  const instances = resources.filter(({ Type }) => Type === 'AWS::RDS::DBInstance').length;
  return {
    owner: scalarText(MasterUsername, 'MasterUsername'),
    database: scalarText(DatabaseName, 'DatabaseName'),
    readers: Math.max(instances - 1, 0),
  };
}
