/** Where the next row of an import begins: a piece of the file, and a byte in it. */
export interface Position {
  chunk: number;
  byte: number;
}

/** Moves on by `used` bytes through pieces of the given lengths, the first of which is the one at `from`. */
export function advance(from: Position, lengths: readonly number[], used: number): Position {
  let { chunk, byte } = from;
  byte += used;
  for (const length of lengths) {
    if (byte < length) break;
    byte -= length;
    chunk += 1;
  }
  return { chunk, byte };
}
