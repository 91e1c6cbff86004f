/** Blocks as one archive in memory (CAR, version 1), which is how they travel to a node. */
import * as CarBufferWriter from '@ipld/car/buffer-writer';
import type { CID } from 'multiformats/cid';

export interface Block {
  readonly cid: CID;
  readonly bytes: Uint8Array;
}

/** The last block is the archive's root. */
export function carOf(blocks: readonly Block[]): Uint8Array {
  const roots = [blocks.at(-1)!.cid];
  const size =
    CarBufferWriter.headerLength({ roots }) +
    blocks.reduce((sum, block) => sum + CarBufferWriter.blockLength(block), 0);
  const writer = CarBufferWriter.createWriter(new ArrayBuffer(size), { roots });
  for (const block of blocks) writer.write(block);
  return writer.close();
}
