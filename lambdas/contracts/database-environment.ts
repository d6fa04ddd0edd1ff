import * as z from 'zod';

/** The database of results in its cluster. */
export const DATABASE_NAME = 'creative_dynamics';

/**
 * Users of the database. The owner changes the schema; the writer stores results; the reader answers questions, at the
 * writer's endpoint too. Migrations make the last two and give them what they need.
 */
export const DATABASE_USERS = { owner: 'owner', writer: 'writer', reader: 'reader' } as const;

/** The Amazon root certificates that Lambda's Node runtime brings but does not load; those of RDS are among them. */
export const LAMBDA_CA_FILE = '/var/runtime/ca-cert.pem';

const LOOPBACK = ['127.0.0.1', '::1', 'localhost'];
const host = z.string().min(1);

const variables = z.object({
  DB_HOST: host,
  /** Of the readers; the same as `DB_HOST` where there are none. */
  DB_READER_HOST: host,
  DB_PORT: z.coerce.number().int().min(1).max(65_535),
  /** Of the readers, where it is another one: only on a laptop. */
  DB_READER_PORT: z.coerce.number().int().min(1).max(65_535).exactOptional(),
  DB_NAME: z.string().min(1),
  DB_USER: z.enum(DATABASE_USERS),
  /** `iam`: tokens signed by the function's role, over verified TLS. `password`: none or a fixed one, on a laptop. */
  DB_AUTH: z.enum(['iam', 'password']),
  DB_PASSWORD: z.string().exactOptional(),
  /** Certificates to trust besides Node's own. Those of RDS Proxy are among Node's, those of a cluster are not. */
  DB_CA_FILE: z.string().min(1).exactOptional(),
});

/** The environment variables of functions that speak to the database. Passwords work on the loopback only. */
export const databaseEnvironmentSchema = variables.refine(
  ({ DB_AUTH, DB_HOST, DB_READER_HOST }) =>
    DB_AUTH === 'iam' || (LOOPBACK.includes(DB_HOST) && LOOPBACK.includes(DB_READER_HOST)),
  { path: ['DB_AUTH'], message: 'Passwords are for databases on this machine only.' },
);

export type DatabaseSettings = z.infer<typeof databaseEnvironmentSchema>;

type Optional = 'DB_READER_PORT' | 'DB_PASSWORD' | 'DB_CA_FILE';
type Name = keyof typeof variables.shape;
/** The variables as a stack sets them. */
export type DatabaseEnvironment = Readonly<
  Record<Exclude<Name, Optional>, string> & Partial<Record<Optional, string>>
>;
