/** Options that several commands share. */
import { Flags } from '@oclif/core';
import { GensynError } from '@gensyn/ir';
import type { Settings } from './settings.js';

export const setFlag = Flags.string({
  char: 's',
  multiple: true,
  helpValue: 'name=value',
  description: "Give one of the job's params another value. May be repeated.",
});

export const deviceFlags = {
  device: Flags.string({
    char: 'd',
    options: ['cpu', 'gpu', 'webgpu', 'cuda'],
    description: 'Where to run. Every device computes the same bits.',
  }),
  gpu: Flags.boolean({
    description: 'The best GPU provider that passes its conformance probe; an error where there is none.',
    exclusive: ['device'],
  }),
  threads: Flags.integer({
    char: 't',
    min: 1,
    max: 1024,
    description: 'Processor threads; all of them by default.',
  }),
};

/** `width=256` pairs. Errors: U0107. */
export function settings(pairs: readonly string[] | undefined, option = 'set'): Record<string, string> {
  const values: Record<string, string> = {};
  for (const pair of pairs ?? []) {
    const at = pair.indexOf('=');
    if (at <= 0)
      throw new GensynError(
        'U0107',
        `--${option} ${pair} is not name=${option === 'set' ? 'value' : 'length'}`,
        {
          help: `for instance --${option} ${option === 'set' ? 'width=256' : 'batch=16'}`,
        },
      );
    const name = pair.slice(0, at).trim();
    if (Object.hasOwn(values, name)) throw new GensynError('U0107', `--${option} gives '${name}' twice`);
    values[name] = pair.slice(at + 1).trim();
  }
  return values;
}

/** A fraction written 10% or 0.1. Errors: U0108. */
export function fraction(text: string, option: string): number {
  const match = /^(\d+(?:\.\d+)?|\.\d+)(%?)$/.exec(text.trim());
  const value = match ? Number(match[1]) / (match[2] ? 100 : 1) : NaN;
  if (!(value >= 0 && value <= 1))
    throw new GensynError('U0108', `--${option} ${text} is not a fraction from 0 to 1`, {
      help: 'write 10% or 0.1',
    });
  return value;
}

/** A number from 0 up. Errors: U0105. */
export function decimal(text: string, option: string, most: number): number {
  const value = /^(\d+(\.\d*)?|\.\d+)$/.test(text.trim()) ? Number(text) : NaN;
  if (!(value <= most))
    throw new GensynError('U0105', `--${option} ${text} is not a number from 0 to ${most}`);
  return value;
}

/** Whole numbers separated by commas, ranges as 3-7. Errors: U0108. */
export function numbers(text: string, option: string): number[] {
  const list: number[] = [];
  for (const part of text.split(',')) {
    const match = /^\s*(\d{1,9})(?:\s*-\s*(\d{1,9}))?\s*$/.exec(part);
    const from = Number(match?.[1]);
    const to = Number(match?.[2] ?? match?.[1]);
    if (!match || to < from || to - from > 1e6)
      throw new GensynError('U0108', `--${option} ${text} is not a list of numbers`, {
        help: `for instance --${option} 3,5 or --${option} 1-4`,
      });
    for (let n = from; n <= to; n++) list.push(n);
  }
  return list;
}

export type DeviceFlags = {
  readonly device?: string | undefined;
  readonly gpu?: boolean;
  readonly threads?: number | undefined;
};

/** What the options say, in the form that `readSettings` takes. */
export function deviceOptions({
  device,
  gpu,
  threads,
}: DeviceFlags): Partial<Record<keyof Settings, unknown>> {
  return { device: gpu ? 'gpu' : device, threads };
}
