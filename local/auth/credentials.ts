import { createHmac, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { arn } from '../account.ts';

/** Who sends a request, and the credentials it signs with. */
export interface Principal {
  /** Name of the role whose policies apply; undefined is the developer, who may do everything. */
  readonly role: string | undefined;
  readonly arn: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | undefined;
}

/** Credentials of the developer and of every function, the same after a restart with the same data directory. */
export class Credentials {
  readonly developer: Principal;
  readonly #secret: string;
  readonly #byAccessKey = new Map<string, Principal>();

  /** @param dataDirectory holds the secret everything is derived from, readable by its owner only */
  constructor(dataDirectory: string) {
    const file = join(dataDirectory, 'credentials-secret');
    if (!existsSync(file)) writeFileSync(file, randomBytes(32).toString('hex'), { mode: 0o600 });
    this.#secret = readFileSync(file, 'utf8');
    this.developer = this.#add({
      role: undefined,
      arn: arn('iam', 'user/developer', { region: '' }),
      accessKeyId: 'AKIALOCALDEVELOPER00',
      secretAccessKey: this.#derive('developer', 'base64').slice(0, 40),
      sessionToken: undefined,
    });
  }

  /** Credentials of a function, which are its role's in a session named after it. */
  ofFunction(functionName: string, role: string): Principal {
    const identity = `${role}/${functionName}`;
    const accessKeyId = `ASIA${this.#derive(`id ${identity}`, 'hex').slice(0, 16).toUpperCase()}`;
    return (
      this.#byAccessKey.get(accessKeyId) ??
      this.#add({
        role,
        arn: arn('sts', `assumed-role/${identity}`, { region: '' }),
        accessKeyId,
        secretAccessKey: this.#derive(`secret ${identity}`, 'base64').slice(0, 40),
        sessionToken: this.#derive(`token ${identity}`, 'base64'),
      })
    );
  }

  find(accessKeyId: string): Principal | undefined {
    return this.#byAccessKey.get(accessKeyId);
  }

  #add(principal: Principal): Principal {
    this.#byAccessKey.set(principal.accessKeyId, principal);
    return principal;
  }

  #derive(purpose: string, encoding: 'hex' | 'base64'): string {
    return createHmac('sha256', this.#secret).update(purpose).digest(encoding);
  }
}
