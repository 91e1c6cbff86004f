/** A real IPFS node for tests, from the packages in test/ipfs-node: `npm run test:ipfs` installs them. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('../../../test/ipfs-node', import.meta.url));

export interface IpfsTestNode {
  /** Of its API: http://127.0.0.1:port */
  readonly address: string;
  readonly process: ChildProcess;
  /** Where it keeps its blocks. */
  readonly repo: string;
  stop(): Promise<void>;
}

export function ipfsNodeInstalled(): boolean {
  return fs.existsSync(path.join(FOLDER, 'node_modules/ipfs-core/package.json'));
}

/** @param repo where it keeps its blocks; a new folder that goes with it otherwise. */
export async function startIpfsNode(repo?: string): Promise<IpfsTestNode> {
  const folder = repo ?? fs.mkdtempSync(path.join(os.tmpdir(), 'gensyn-ipfs-'));
  const child = spawn(process.execPath, [path.join(FOLDER, 'start.mjs'), folder], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const lines = createInterface({ input: child.stdout });
  const address = await new Promise<string>((resolve, reject) => {
    lines.on('line', (line) => {
      const [, found] = /^Listening on (\S+)$/.exec(line) ?? [];
      if (found) resolve(found);
    });
    child.once('error', reject);
    void exited.then(([code]) => reject(new Error(`the IPFS node ended with ${code}`)));
  });
  return {
    address,
    process: child,
    repo: folder,
    async stop() {
      child.kill('SIGKILL');
      await exited;
      if (!repo) fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}
