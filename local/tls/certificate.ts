import { generateKeyPairSync, randomBytes, sign, X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bits, bytes, explicit, integer, objectId, sequence, setOf, time, truth, utf8 } from './der.ts';

/** What a server on this machine shows, and clients trust: the certificate is its own authority. */
export interface LoopbackCertificate {
  readonly certificateFile: string;
  readonly keyFile: string;
}

const LIFETIME_YEARS = 10;
const ECDSA_WITH_SHA256 = sequence(objectId('1.2.840.10045.4.3.2'));

/**
 * The certificate of the servers of a data directory, for `localhost` and the loopback addresses. Made at the first call,
 * and anew when it has expired.
 *
 * @param names other names that lead to these servers
 */
export function loopbackCertificate(
  dataDirectory: string,
  names: readonly string[] = [],
): LoopbackCertificate {
  const directory = join(dataDirectory, 'tls');
  const files = {
    certificateFile: join(directory, 'certificate.pem'),
    keyFile: join(directory, 'key.pem'),
  };
  if (isValid(files.certificateFile) && existsSync(files.keyFile)) return files;
  mkdirSync(directory, { recursive: true });
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const body = toBeSigned(publicKey.export({ type: 'spki', format: 'der' }), new Date(), names);
  const certificate = sequence(body, ECDSA_WITH_SHA256, bits(sign('sha256', body, privateKey)));
  writeFileSync(files.keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  writeFileSync(files.certificateFile, pem(certificate));
  return files;
}

function isValid(file: string): boolean {
  return existsSync(file) && new X509Certificate(readFileSync(file)).validToDate.getTime() > Date.now();
}

/** RFC 5280, section 4.1: version 3, issued by itself to itself. */
function toBeSigned(publicKey: Buffer, now: Date, names: readonly string[]): Buffer {
  const name = sequence(setOf(sequence(objectId('2.5.4.3'), utf8('CreativeDynamics local cloud'))));
  const until = new Date(now);
  until.setUTCFullYear(now.getUTCFullYear() + LIFETIME_YEARS);
  return sequence(
    explicit(0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ECDSA_WITH_SHA256,
    name,
    sequence(time(now), time(until)),
    name,
    publicKey,
    explicit(3, sequence(authority(), alternativeNames(names))),
  );
}

function authority(): Buffer {
  return sequence(objectId('2.5.29.19'), truth(true), bytes(sequence(truth(true))));
}

function alternativeNames(names: readonly string[]): Buffer {
  const dns = (text: string) => context(2, Buffer.from(text));
  const address = (...octets: number[]) => context(7, Buffer.from(octets));
  const ipv6Loopback = address(...Array<number>(15).fill(0), 1);
  return sequence(
    objectId('2.5.29.17'),
    bytes(sequence(...['localhost', ...names].map(dns), address(127, 0, 0, 1), ipv6Loopback)),
  );
}

/** One of the primitive choices of a name: context-specific, tagged in place of its own type. */
function context(tag: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0x80 | tag, content.length]), content]);
}

function pem(certificate: Buffer): string {
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
