/** Segments of a run on disk: a player that is killed in a game goes on with its next move, without another replay of the interval. */
import { digestFromHex, GensynError } from '@gensyn/ir';
import { syncFolder } from '@gensyn/runtime';
import fs from 'node:fs';
import path from 'node:path';
import { nodeTree, stepEntry, type Segment } from '../pinpoint/index.js';
import type { JobWitness } from '../witness/index.js';

interface Kept {
  readonly states: readonly string[];
  readonly traces: readonly string[];
}

const ROOT = /^[0-9a-f]{64}$/;
const hex = (root: Uint8Array): string => Buffer.from(root).toString('hex');

/** @param folder of this run and no other: what lies there is believed. A file that is damaged is computed again. */
export function keptSegments(witness: JobWitness, folder: string): JobWitness {
  const known = new Map<string, Promise<Segment>>();

  async function segment(first: number, count: number, file: string): Promise<Segment> {
    const kept = read(file, count);
    if (kept) return segmentOf(kept);
    const found = await witness.segment(first, count);
    write(file, { states: found.states.map(hex), traces: found.traces.map(hex) });
    return found;
  }

  return {
    ...witness,
    segment(first, count) {
      const name = `segment-${first}-${count}.json`;
      let reading = known.get(name);
      if (!reading) {
        reading = segment(first, count, path.join(folder, name));
        reading.catch(() => known.delete(name));
        known.set(name, reading);
      }
      return reading;
    },
  };
}

function segmentOf({ states, traces }: Kept): Segment {
  const [reached, lists] = [states.map(digestFromHex), traces.map(digestFromHex)];
  return {
    tree: nodeTree(reached.map((root, i) => stepEntry(root, lists[i]!))),
    states: reached,
    traces: lists,
  };
}

function read(file: string, count: number): Kept | undefined {
  try {
    const { states, traces } = JSON.parse(fs.readFileSync(file, 'utf8')) as Kept;
    const whole = [states, traces].every(
      (roots) => Array.isArray(roots) && roots.length === count && roots.every((root) => ROOT.test(root)),
    );
    return whole ? { states, traces } : undefined;
  } catch {
    return undefined;
  }
}

function write(file: string, kept: Kept): void {
  const [partial, folder] = [`${file}.partial`, path.dirname(file)];
  try {
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(partial, `${JSON.stringify(kept)}\n`, { flush: true });
    fs.renameSync(partial, file);
    syncFolder(folder);
  } catch (cause) {
    throw new GensynError('N0702', `${path.basename(file)} cannot be written`, {
      notes: [{ message: (cause as NodeJS.ErrnoException).code ?? String(cause) }],
      help: `roles keep their work in ${folder}`,
      cause,
    });
  }
}
