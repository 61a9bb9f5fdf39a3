/** Recognizes private keys for development by the certificate in the same folder. */
import type { Repository } from '../../../repository/repository.ts';
import { hasDevelopmentCertificate } from './private-keys.ts';

const certificateFile = /\.(?:crt|cert|cer|pem)$/i;
const maxCertificates = 20;

/** Returns true if a certificate beside the key is for local or reserved host names, so that the key protects nothing. */
export async function isDevelopmentKey(repository: Repository, file: string): Promise<boolean> {
  const folder = file.slice(0, file.lastIndexOf('/') + 1);
  const siblings = (await repository.files()).filter(
    (path) => path.startsWith(folder) && !path.includes('/', folder.length) && certificateFile.test(path),
  );
  const texts = await Promise.all(siblings.slice(0, maxCertificates).map((path) => repository.text(path)));
  const certificates = texts.filter((text) => text?.includes('BEGIN CERTIFICATE'));
  return certificates.length > 0 && certificates.every((text) => hasDevelopmentCertificate(text ?? ''));
}
