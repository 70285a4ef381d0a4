import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { settings } from './settings.js';
import { bits, der, integer, name, octets, oid, sequence, time, yes } from './der.js';

export interface Certificate {
  /** PEM; it vouches for itself, so it is what a client trusts */
  readonly ca: string;
  readonly key: string;
}

const DAY = 86_400_000;
const ECDSA_WITH_SHA256 = sequence(oid('1.2.840.10045.4.3.2'));

/** A certificate for localhost and 127.0.0.1, made here because a machine with only Node has no openssl. */
export function makeCertificate(): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const owner = name('datapunk-cache tests');
  const now = Date.now();
  const content = sequence(
    der(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ECDSA_WITH_SHA256,
    owner,
    sequence(time(new Date(now - DAY)), time(new Date(now + 30 * DAY))),
    owner,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(authority(), alternativeNames())),
  );
  const certificate = sequence(content, ECDSA_WITH_SHA256, bits(sign('sha256', content, privateKey)));
  return { ca: pem(certificate), key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

/** Writes it where a server can read it, and gives the settings that name the files. */
export function tlsArgs({ ca, key }: Certificate, port: number, folder: string): string[] {
  const [cert, secret] = [join(folder, 'tls.crt'), join(folder, 'tls.key')];
  writeFileSync(cert, ca);
  writeFileSync(secret, key, { mode: 0o600 });
  return settings({
    port: 0,
    'tls-port': port,
    'tls-cert-file': cert,
    'tls-key-file': secret,
    'tls-ca-cert-file': cert,
    'tls-auth-clients': 'no',
  });
}

function authority(): Buffer {
  return sequence(oid('2.5.29.19'), yes, octets(sequence(yes)));
}

function alternativeNames(): Buffer {
  const names = sequence(der(0x82, Buffer.from('localhost')), der(0x87, Buffer.from([127, 0, 0, 1])));
  return sequence(oid('2.5.29.17'), octets(names));
}

function pem(bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
