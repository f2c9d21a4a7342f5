import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";

const iterations = 4096;

/** A random password of 192 bits that needs no escaping in a URL. */
export function makePassword(): string {
  return randomBytes(24).toString("base64url");
}

/**
 * What Postgres keeps instead of the password (SCRAM-SHA-256, RFC 5803); given to `PASSWORD '…'`, so that the
 * password itself is in no statement and no log.
 */
export function passwordVerifier(password: string, salt: Buffer = randomBytes(16)): string {
  const salted = pbkdf2Sync(password, salt, iterations, 32, "sha256");
  const sign = (text: string) => createHmac("sha256", salted).update(text).digest();
  const storedKey = createHash("sha256").update(sign("Client Key")).digest("base64");
  const serverKey = sign("Server Key").toString("base64");
  return `SCRAM-SHA-256$${String(iterations)}:${salt.toString("base64")}$${storedKey}:${serverKey}`;
}
