import QRCode from "qrcode";

/** A QR code as one SVG path in units of modules, so that the page draws it without markup from a string. */
export interface QrPicture {
  size: number;
  path: string;
}

/** Draws a text. Medium error correction: it is read from a screen. */
export function qrPicture(text: string): QrPicture {
  const { modules } = QRCode.create(text, { errorCorrectionLevel: "M" });
  const path: string[] = [];
  for (let y = 0; y < modules.size; y += 1)
    for (let x = 0; x < modules.size; x += 1) if (modules.get(y, x) !== 0) path.push(`M${x} ${y}h1v1h-1z`);
  return { size: modules.size, path: path.join("") };
}
