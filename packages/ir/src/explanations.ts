/** What the codes of this package mean, for `gensyn explain`: files, commitments and random numbers, then the rules of a graph. */
import { onnxExplanations, type Explanation } from './onnx/explanations.js';
import { RULES } from './verify/rule.js';

export const explanations: readonly Explanation[] = [
  ...onnxExplanations,
  ...Object.values(RULES).map(({ code, title, text }) => ({ code, title, text })),
];
