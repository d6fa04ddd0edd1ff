import { createHmac, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isPublicAddress } from '../../lambdas/domain/webhooks/address.ts';
import { nextAttemptAt } from '../../lambdas/domain/webhooks/schedule.ts';
import { createSecret, SECRET_RANDOM_BYTES, signedHeaders } from '../../lambdas/domain/webhooks/signature.ts';
import { problemOfTarget } from '../../lambdas/domain/webhooks/target.ts';

describe('a signature', () => {
  it('is that of Standard Webhooks, by the vector of its reference libraries', () => {
    const message = {
      id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      timestamp: 1614265330,
      body: '{"test": 2432232314}',
    };
    expect(signedHeaders(message, ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'])).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  it('is there for each secret while two count', () => {
    const secrets = [createSecret(randomBytes(32)), createSecret(randomBytes(32))];
    const message = { id: 'whd_1', timestamp: 1, body: '{"ü":1}' };
    const { 'webhook-signature': both } = signedHeaders(message, secrets);
    expect(both?.split(' ')).toEqual(
      secrets.map((secret) => {
        const key = Buffer.from(secret.slice(6), 'base64');
        expect(key).toHaveLength(SECRET_RANDOM_BYTES);
        return `v1,${createHmac('sha256', key).update('whd_1.1.{"ü":1}').digest('base64')}`;
      }),
    );
    expect(() => createSecret(randomBytes(31))).toThrow(RangeError);
  });
});

describe('the schedule', () => {
  const HOURS = 3600_000;
  const base = { id: 'whd_1', since: 0, retryAfterSeconds: null };

  it('tries ten times within a day or little more, each a little late', () => {
    const planned = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400];
    const times = planned.map((_, i) => nextAttemptAt({ ...base, made: i + 1 }, 0) ?? 0);
    for (const [i, seconds] of planned.entries()) {
      const wait = seconds - (planned[i - 1] ?? 0);
      expect(times[i]).toBeGreaterThanOrEqual(seconds * 1000);
      expect(times[i]).toBeLessThanOrEqual((seconds + wait / 10) * 1000 + 1);
    }
    expect(nextAttemptAt({ ...base, made: 10 }, 0)).toBeNull();
  });

  it('differs between messages, and not between two who ask', () => {
    const times = Array.from({ length: 50 }, (_, i) =>
      nextAttemptAt({ ...base, id: `whd_${i}`, made: 4 }, 0),
    );
    expect(new Set(times).size).toBe(50);
    expect(nextAttemptAt({ ...base, id: 'whd_0', made: 4 }, 0)).toBe(times[0]);
  });

  it('obeys a receiver that asks for more time, up to a day', () => {
    const asked = (retryAfterSeconds: number) =>
      nextAttemptAt({ ...base, made: 1, retryAfterSeconds }, HOURS);
    expect(asked(120)).toBe(HOURS + 120_000);
    expect(asked(10 * 86_400)).toBe(25 * HOURS);
    expect(nextAttemptAt({ ...base, made: 4, retryAfterSeconds: 1 }, HOURS)).toBeGreaterThanOrEqual(
      2 * HOURS,
    );
  });
});

describe('an address', () => {
  it.each([
    '8.8.8.8',
    '1.1.1.1',
    '172.15.255.255',
    '172.32.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '192.0.3.0',
    '198.17.255.255',
    '223.255.255.255',
    '2606:4700:4700::1111',
    '2a00:1450:4001::1',
  ])('%s is public', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  it.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '127.255.255.254',
    '169.254.169.254',
    '169.254.170.2',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.192',
    '192.168.1.1',
    '198.19.0.1',
    '203.0.113.9',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:8.8.8.8',
    '::ffff:169.254.169.254',
    '::ffff:a9fe:a9fe',
    '::127.0.0.1',
    '64:ff9b::a9fe:a9fe',
    '64:ff9b:1::1',
    '100::1',
    'fc00::1',
    'fd00:ec2::254',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'ff02::1',
    '2001::1',
    '2001:db8::1',
    '2002:7f00:1::',
    '3fff::1',
    '',
    'localhost',
    '127.1',
    '2130706433',
  ])('%s is not', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it('of IPv4 is not public either when it is written as one of IPv6', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        expect(isPublicAddress(`::ffff:${address}`)).toBe(false);
      }),
    );
  });
});

describe('a target', () => {
  it.each([
    'https://hooks.example.com/cd?x=1',
    'https://8.8.8.8/',
    'https://[2606:4700::1]:8443/a',
    'https://a.de./',
  ])('may be %s', (url) => {
    expect(problemOfTarget(url)).toBeNull();
  });

  it.each([
    'http://hooks.example.com/',
    'ftp://hooks.example.com/',
    'hooks.example.com',
    'https://user:secret@hooks.example.com/',
    'https://user@hooks.example.com/',
    'https://hooks.example.com/#here',
    `https://hooks.example.com/${'x'.repeat(2048)}`,
    'https://localhost/',
    'https://localhost./',
    'https://a.localhost/',
    'https://intranet/',
    'https://printer.local/',
    'https://metadata.google.internal/',
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://0177.0.0.1/',
    'https://[::1]/',
    'https://[::ffff:169.254.169.254]/',
    'https://169.254.169.254/latest/meta-data/',
    '',
  ])('may not be %s', (url) => {
    expect(problemOfTarget(url)).not.toBeNull();
  });
});
