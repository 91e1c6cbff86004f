/** Content-addressed storage: the embedded one and IPFS nodes look the same from here. */

/** A file of a folder that is stored: its path in the folder, with forward slashes, and its bytes or where they lie on disk. */
export interface StoredFile {
  readonly path: string;
  readonly content: Uint8Array | { readonly file: string };
}

export interface FoundFile {
  readonly path: string;
  /** What the folder says of the file's size in a store, which is a little more than its bytes. Not checked before it is read. */
  readonly announced: number;
}

/**
 * CIDs are those of `ipfs add --cid-version=1 -r`. Everything that comes back has been checked against its CID. Errors of reading: N0501
 * nobody has it, N0502 it is not what it should be or too much, N0504 nobody answers.
 */
export interface Store {
  /** For people: folders and addresses. */
  readonly name: string;
  /** Adds (and, on a node, pins) a folder. Adding what is there already is cheap. Returns its CID. Errors: N0503, N0504. */
  add(files: readonly StoredFile[]): Promise<string>;
  /** Files below a folder, at most `limit` of them. */
  list(cid: string, limit: number): Promise<readonly FoundFile[]>;
  /** Bytes of one file of a folder, never more than `limit` bytes. */
  read(cid: string, path: string, limit: number): Promise<Uint8Array>;
  /** The same into a file on disk, whole or not at all; goes on where an earlier attempt stopped. Errors: also N0503. */
  fetch(cid: string, path: string, limit: number, target: string): Promise<void>;
  close(): Promise<void>;
}
