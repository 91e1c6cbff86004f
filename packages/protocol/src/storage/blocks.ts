/** Blocks, the pieces that content-addressed files consist of, and places to get them from. */
import { GensynError, sha256, type Note } from '@gensyn/ir';
import { CID } from 'multiformats/cid';

/** The largest block that IPFS nodes exchange. */
export const MAX_BLOCK = 2 * 2 ** 20;

export const RAW = 0x55;
export const DAG_PB = 0x70;
const SHA2_256 = 0x12;

export interface BlockSource {
  /** For people. */
  readonly name: string;
  /** Whether others can put something there. */
  readonly remote: boolean;
  /** Checked bytes of a block. Errors: N0501 it is not there (or something else), N0504 no answer. */
  get(cid: CID): Promise<Uint8Array>;
}

/** Errors: N0502 for a text that is no CID. */
export function parseCid(text: string): CID {
  try {
    // Longer than any CID of SHA-256.
    if (text.length > 128) throw new Error('too long');
    return CID.parse(text);
  } catch (cause) {
    throw new GensynError('N0502', `${JSON.stringify(text.slice(0, 200))} is no CID`, { cause });
  }
}

/** Errors: N0502 for a CID that is none of a file or a folder with SHA-256. */
export function checkKind(cid: CID): void {
  if (
    (cid.code !== RAW && cid.code !== DAG_PB) ||
    cid.multihash.code !== SHA2_256 ||
    cid.multihash.size !== 32
  )
    throw new GensynError('N0502', `${cid} names neither a file nor a folder by SHA-256`);
}

/** Are these the bytes that the CID names? */
export function matches(cid: CID, bytes: Uint8Array): boolean {
  const digest = sha256(bytes);
  return cid.multihash.digest.every((byte, i) => byte === digest[i]);
}

/**
 * Asks one source after the other. Errors: N0501 if one of them has answered, N0504 if none has. An own folder has nothing to say of what
 * others have published, unless there are only folders.
 */
export function firstOf(sources: readonly BlockSource[]): BlockSource {
  const remote = sources.some((source) => source.remote);
  return {
    remote,
    name: sources.map(({ name }) => name).join(', '),
    async get(cid) {
      const notes: Note[] = [];
      let answered = false;
      for (const source of sources) {
        try {
          return await source.get(cid);
        } catch (error) {
          if (!(error instanceof GensynError)) throw error;
          answered ||= error.code === 'N0501' && source.remote === remote;
          notes.push({ message: error.message });
        }
      }
      if (answered) throw new GensynError('N0501', `nobody has ${cid}`, { notes });
      throw new GensynError('N0504', 'no store answers', { notes });
    },
  };
}
