import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";

const SEQUENCE = 0x30;
const SET = 0x31;
const ECDSA_WITH_SHA256 = "06082a8648ce3d040302";
const COMMON_NAME = "0603550403";
const ALT_NAME = "0603551d11";

/** A certificate that vouches for itself, and its key, both PEM. */
export interface SelfSigned {
  cert: string;
  key: string;
}

/** Makes one for this host name, so that no private key has to lie in the repository. Good for ten years around now. */
export function selfSigned(host: string): SelfSigned {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const algorithm = der(SEQUENCE, Buffer.from(ECDSA_WITH_SHA256, "hex"));
  const name = der(
    SEQUENCE,
    der(SET, der(SEQUENCE, Buffer.from(COMMON_NAME, "hex"), der(0x0c, Buffer.from(host)))),
  );
  const year = new Date().getUTCFullYear();
  const validity = der(SEQUENCE, time(year - 5), time(year + 5));
  const alt = der(
    SEQUENCE,
    Buffer.from(ALT_NAME, "hex"),
    der(0x04, der(SEQUENCE, der(0x82, Buffer.from(host)))),
  );
  const body = der(
    SEQUENCE,
    der(0xa0, integer(2)), // version 3
    integer(1),
    algorithm,
    name,
    validity,
    name,
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, der(SEQUENCE, alt)),
  );
  const certificate = der(SEQUENCE, body, algorithm, der(0x03, Buffer.of(0), signature(body, privateKey)));
  const lines = certificate.toString("base64").match(/.{1,64}/g) ?? [];
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

const signature = (body: Buffer, key: KeyObject) => sign("sha256", body, key);
const integer = (value: number) => der(0x02, Buffer.of(value));
const time = (year: number) => der(0x18, Buffer.from(`${year}0101000000Z`));

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.of(tag, ...size), content]);
}
