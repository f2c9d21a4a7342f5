import { randomBytes, scrypt, type ScryptOptions, timingSafeEqual } from "node:crypto";

/** Cost of new hashes: 32 MiB and about a quarter of a second; stored with each, so that it can be raised. */
const COST = { logN: 15, r: 8, p: 3 };
const SALT_BYTES = 16;
const HASH_BYTES = 32;
const MAX_MEMORY_BYTES = 256 * 1024 * 1024;

/** Hashing is the most expensive thing a stranger can ask for, so few run at once and few may wait. */
const MAX_RUNNING = 2;
const MAX_WAITING = 40;

const FORMAT = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([\w-]+)\$([\w-]+)$/;

export class TooManyPasswordsError extends Error {
  override readonly name = "TooManyPasswordsError";
}

let running = 0;
const waiting: (() => void)[] = [];

/** Hashes a password into `$scrypt$ln=15,r=8,p=3$salt$hash` (base64url). */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(password, salt, COST, HASH_BYTES);
  const cost = `ln=${String(COST.logN)},r=${String(COST.r)},p=${String(COST.p)}`;
  return `$scrypt$${cost}$${salt.toString("base64url")}$${hash.toString("base64url")}`;
}

/**
 * Tells whether the password belongs to the hash, in constant time.
 * Without a hash it takes as long and is false, so that the time does not tell whether an account exists.
 */
export async function verifyPassword(password: string, stored: string | undefined): Promise<boolean> {
  const match = FORMAT.exec(stored ?? "");
  if (match === null) {
    await hashPassword(password);
    return false;
  }
  const [, logN, r, p, salt = "", hash = ""] = match;
  const expected = Buffer.from(hash, "base64url");
  const cost = { logN: Number(logN), r: Number(r), p: Number(p) };
  const actual = await derive(password, Buffer.from(salt, "base64url"), cost, expected.length);
  return timingSafeEqual(actual, expected);
}

async function derive(password: string, salt: Buffer, cost: typeof COST, length: number): Promise<Buffer> {
  await takeTurn();
  try {
    const options = { N: 2 ** cost.logN, r: cost.r, p: cost.p, maxmem: MAX_MEMORY_BYTES };
    return await scryptAsync(password.normalize("NFKC"), salt, length, options);
  } finally {
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  }
}

async function takeTurn(): Promise<void> {
  if (running < MAX_RUNNING) {
    running += 1;
    return;
  }
  if (waiting.length >= MAX_WAITING) throw new TooManyPasswordsError("too many passwords to check at once");
  // Whoever ends hands its turn over, so the count stays as it is.
  await new Promise<void>((resolve) => waiting.push(resolve));
}

function scryptAsync(
  password: string,
  salt: Buffer,
  length: number,
  options: ScryptOptions,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, length, options, (error, key) => {
      if (error) reject(error);
      else resolve(key);
    });
  });
}
