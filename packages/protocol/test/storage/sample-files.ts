/** Folders for which the CIDs of `ipfs add --cid-version=1 -r` are known. */
import type { StoredFile } from '../../src/index.js';

/** Bytes that look random and are the same everywhere. */
export function noise(length: number, seed = 1): Uint8Array {
  const words = new Uint32Array(Math.ceil(length / 4));
  let x = seed;
  for (let i = 0; i < words.length; i++) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    words[i] = x;
  }
  return new Uint8Array(words.buffer, 0, length);
}

const PIECE = 262_144;

export interface Sample {
  readonly name: string;
  readonly files: readonly StoredFile[];
  readonly cid: string;
}

export const samples: readonly Sample[] = [
  {
    name: 'an empty file',
    files: [{ path: 'empty', content: new Uint8Array() }],
    cid: 'bafybeigalvxqcgqiogiv6bimmxedgxbhu7cikwhwha2c2iqzdbnabewjai',
  },
  {
    name: 'folders in folders',
    files: [
      { path: 'job.json', content: Buffer.from('{}\n') },
      { path: 'data/x/columns.bin', content: noise(1000) },
      { path: 'data/x.bin', content: noise(1001) },
      { path: 'ünïcode name.txt', content: Buffer.from('ü') },
    ],
    cid: 'bafybeig3olnfc6whv7khxtcjgmc2ismrrimdpd4polexrek4ycbpa3o3ky',
  },
  {
    name: 'files about the size of a piece',
    files: [PIECE - 1, PIECE, PIECE + 1, 3 * PIECE].map((length) => ({
      path: `${length}.bin`,
      content: noise(length),
    })),
    cid: 'bafybeihajvljun5zuqvo5cbxmheashxuvnhql4vcap2t6mvfsaai76gzfq',
  },
  {
    name: 'a file of more pieces than one node has links',
    files: [{ path: 'big.bin', content: noise(174 * PIECE + 5) }],
    cid: 'bafybeifw5we3zns3ju7sygvqh2qvc34a7xyctriklud6oapd4ygtpl545m',
  },
  {
    name: 'names too many for one block',
    files: Array.from({ length: 1300 }, (_, i) => ({
      path: `states/${String(i * 40).padStart(200, '0')}.safetensors`,
      content: noise(8, i + 1),
    })),
    cid: 'bafybeiej4iixkm7za2gt54fawzyvcxr77pf25psshvbwemyv573tv2wh4y',
  },
];
