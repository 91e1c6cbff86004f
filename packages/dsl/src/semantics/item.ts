/** The values of expressions while a job is elaborated, and how messages speak of them. */
import type { Span } from '@gensyn/ir';
import { quote } from '../syntax/literals.js';
import type { RecordValue } from '../library/function.js';
import type { Shape, Tensor } from '../tensor/tensor.js';

export type Item =
  | { readonly kind: 'tensor'; readonly value: Tensor }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'duration'; readonly seconds: number }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'record'; readonly value: RecordValue; readonly family: 'optimizer' | 'schedule' }
  | { readonly kind: 'list'; readonly items: readonly Item[] }
  /** Something went wrong, and has been reported: nothing that uses this is reported again. */
  | { readonly kind: 'error' };

export const ERROR: Item = { kind: 'error' };

export function formatType(type: string, shape: Shape): string {
  return `${type}[${shape.join(', ')}]`;
}

/** A number as it would be written in a job. */
export function formatNumber(value: number): string {
  return String(value).replace('e+', 'e');
}

/** As the end of `found ...`. */
export function describeItem(item: Item): string {
  switch (item.kind) {
    case 'tensor':
      return `a tensor ${formatType(item.value.type, item.value.shape)}`;
    case 'number':
      return `the number ${formatNumber(item.value)}`;
    case 'duration':
      return 'a time';
    case 'boolean':
      return String(item.value);
    case 'string':
      return `the string ${quote(item.value.length > 40 ? `${item.value.slice(0, 40)}…` : item.value)}`;
    case 'record':
      return `the ${item.family} '${item.value.name}'`;
    case 'list':
      return 'a list';
    case 'error':
      return 'an error';
  }
}

/** A name's value, and where it got it. */
export interface Binding {
  item: Item;
  readonly span: Span | undefined;
}

/** Names in scope: inner ones hide outer ones. */
export interface Environment {
  readonly parent: Environment | undefined;
  readonly names: Map<string, Binding>;
}

export const inner = (parent: Environment | undefined): Environment => ({ parent, names: new Map() });

export function lookUp(environment: Environment, name: string): Binding | undefined {
  for (let at: Environment | undefined = environment; at !== undefined; at = at.parent) {
    const found = at.names.get(name);
    if (found !== undefined) return found;
  }
  return undefined;
}
