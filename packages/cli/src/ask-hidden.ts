/** Asks a person at the terminal for something that must not be seen: nothing of it is shown. */
import { GensynError } from '@gensyn/ir';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';

/** undefined where there is no terminal. */
export function hiddenPrompt(): ((question: string) => Promise<string>) | undefined {
  return process.stdin.isTTY && process.stderr.isTTY ? askHidden : undefined;
}

function askHidden(question: string): Promise<string> {
  process.stderr.write(`${question}: `);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  return new Promise((resolve, reject) => {
    lines.once('SIGINT', () => {
      lines.close();
      process.stderr.write('\n');
      reject(new GensynError('N0604', 'no password was given'));
    });
    lines.question('', (answer) => {
      lines.close();
      process.stderr.write('\n');
      resolve(answer);
    });
  });
}

/** All of standard input, where it is no terminal. Errors: N0609 for more than `most` characters. */
export async function readStdin(most: number): Promise<string> {
  let text = '';
  for await (const part of process.stdin) {
    text += String(part);
    if (text.length > most) throw new GensynError('N0609', 'standard input holds too much');
  }
  return text;
}
