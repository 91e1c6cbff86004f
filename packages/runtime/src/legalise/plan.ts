/** One way of computing a node's value in a form: what it reads, and how it is written. */
import type { ByteForm, Form, Writer } from './writer.js';

export interface Need {
  readonly id: number;
  readonly form: Form;
}

export interface Plan {
  /** Values that must be written before. */
  readonly needs: readonly Need[];
  write(writer: Writer): void;
}

export function need(id: number, form: Form): Need {
  return { id, form };
}

/** The forms in which each node's value has been asked for by later ones. */
export type Demands = readonly ReadonlySet<Form>[];

/** A byte form of the node that is wanted anyway, or the given one. */
export function wantedBytes(demands: Demands, id: number, otherwise: ByteForm): ByteForm {
  for (const form of ['i8', 'u8z'] as const) if (demands[id]!.has(form)) return form;
  return otherwise;
}
