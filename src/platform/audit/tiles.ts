import {
  foldPerfect,
  HASH_BYTES,
  Malformed,
  MAX_BODY_BYTES,
  TILE_WIDTH,
  tilePath,
  tileWidth,
} from "./gatehouse-verify.ts";
import type { NodeId, NodeReader } from "./merkle.ts";

export { MAX_BODY_BYTES, TILE_WIDTH, tilePath, tileWidth } from "./gatehouse-verify.ts";

/** Levels of the tree that one tile spans. */
export const TILE_HEIGHT = 8;

/** A tile of C2SP tlog-tiles: `width` hashes of level 8 * `level`, from number `index` * 256. */
export interface TileId {
  readonly level: number;
  readonly index: number;
  /** 1 to 256; below 256 the tile is partial. */
  readonly width: number;
}

/** Bundles of entries have the addresses of level-0 tiles, under `entries`. */
export interface EntriesId {
  readonly level: "entries";
  readonly index: number;
  readonly width: number;
}

/** Where tiles are kept. May give more hashes than asked for (the full tile, when the partial one is gone). */
export interface TileStore {
  read(tile: TileId): Promise<Buffer>;
}

/** Reads an address; undefined when it is not exactly one that `tilePath` writes. */
export function parseTilePath(path: string): TileId | EntriesId | undefined {
  const [, level, groups, partial] =
    /^tile\/(entries|[0-9]{1,2})\/((?:x[0-9]{3}\/){0,5}[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/.exec(path) ??
    [];
  if (level === undefined || groups === undefined) return undefined;
  const index = Number(groups.replaceAll(/[x/]/g, ""));
  const width = partial === undefined ? TILE_WIDTH : Number(partial);
  const id: TileId | EntriesId =
    level === "entries" ? { level, index, width } : { level: Number(level), index, width };
  const isValid = Number.isSafeInteger(index) && (id.level === "entries" || id.level <= 63);
  return isValid && tilePath(id) === path ? id : undefined;
}

/** Reads any node of the tree of this size from tiles, each tile once a call. */
export function tileNodeReader(store: TileStore, size: number): NodeReader {
  return async (nodes) => {
    const tiles = new Map<string, Promise<Buffer>>();
    const readTile = (id: TileId): Promise<Buffer> => {
      const path = tilePath(id);
      const tile = tiles.get(path) ?? store.read(id);
      tiles.set(path, tile);
      return tile;
    };
    return Promise.all(nodes.map((node) => readNode(node, size, readTile)));
  };
}

async function readNode(
  node: NodeId,
  size: number,
  readTile: (id: TileId) => Promise<Buffer>,
): Promise<Buffer> {
  const level = Math.floor(node.level / TILE_HEIGHT);
  const width = 2 ** (node.level % TILE_HEIGHT);
  const first = node.index * width;
  const index = Math.floor(first / TILE_WIDTH);
  const offset = first % TILE_WIDTH;
  const available = tileWidth(level, index, size);
  if (offset + width > available)
    throw new RangeError(`a tree of ${size} has no node ${node.index} at level ${node.level}`);
  const tile = await readTile({ level, index, width: available });
  if (tile.length < (offset + width) * HASH_BYTES || tile.length % HASH_BYTES !== 0)
    throw new Malformed(`${tilePath({ level, index, width: available })} is too short`);
  return foldPerfect(tile, offset, width);
}

/** A bundle of entries: each preceded by its length in 16 bits, big-endian. */
export function encodeEntries(bodies: readonly Uint8Array[]): Buffer {
  return Buffer.concat(
    bodies.flatMap((body) => {
      if (body.length > MAX_BODY_BYTES) throw new Malformed(`an entry of ${body.length} bytes is too long`);
      const length = Buffer.alloc(2);
      length.writeUInt16BE(body.length);
      return [length, body];
    }),
  );
}
