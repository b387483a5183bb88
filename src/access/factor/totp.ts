import { generateSecret, generateURI, verifySync } from "otplib";

/** RFC 6238 with what every authenticator app knows: SHA-1, six digits, thirty seconds. */
const PERIOD = 30;
/** One step to either side: a phone's clock may be that far off. */
const TOLERANCE = 30;

/** A new seed: 160 random bits in base32. */
export function newTotpSecret(): string {
  return generateSecret({ length: 20 });
}

/** The address that an authenticator app reads from the QR code. */
export function totpUri(secret: string, login: string): string {
  return generateURI({ issuer: "Gatehouse", label: login, secret });
}

/**
 * The time step that a code belongs to, later than `after`; null for a wrong, used or malformed code. The caller makes
 * the step the last one, in one statement, so that a code works once.
 */
export function totpStep(secret: string, code: string, now: Date, after: bigint): bigint | null {
  const token = code.replaceAll(/\s/g, "");
  if (!/^\d{6}$/.test(token)) return null;
  const epoch = Math.floor(now.getTime() / 1000);
  // otplib refuses a bound that lies in the future; such a bound means that every code has been used
  const newest = BigInt(Math.floor(epoch / PERIOD) + 1);
  if (after >= newest) return null;
  const result = verifySync({
    secret,
    token,
    epoch,
    period: PERIOD,
    epochTolerance: TOLERANCE,
    afterTimeStep: Number(after),
  });
  return result.valid && "timeStep" in result ? BigInt(result.timeStep) : null;
}
