/** Values that enter a graph: constants, and inputs that anyone can recompute or that a commitment binds. */
import { breaks } from '../verify/rule.js';
import type { Operator } from './operator.js';

function source(name: string, opcode: number, summary: string, exactness: string): Operator {
  return {
    name,
    opcode,
    family: 'source',
    summary,
    exactness,
    arity: 0,
    attributes: {},
    infer: () => breaks('constraint', `${name} carries its own type`),
    range: () => breaks('constraint', `${name} carries its own range`),
    space: () => ({ fold: [], maps: [] }),
    evaluate: () => breaks('constraint', `${name} is given, not computed`),
    cases: [],
  };
}

export const Input = source(
  'Input',
  96,
  'State of the step before, or a source that anyone can recompute from the job: a batch of the data set, a random mask.',
  'Given bytes, bound by the commitment of the state or of the data set.',
);

export const Constant = source('Constant', 97, 'Fixed data.', 'Given bytes, bound by the graph root.');
