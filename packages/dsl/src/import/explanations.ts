/** What the codes of the importer mean, for `gensyn explain`. */
import type { Explanation } from '@gensyn/ir';

const entry = (code: string, title: string, text: string): Explanation => ({ code, title, text });

export const importExplanations: readonly Explanation[] = [
  entry(
    'L0810',
    'A network cannot be read',
    'The path in onnx("...") is looked up from the folder of the job. An ONNX file ends at 2 GiB; larger networks keep their tensors as external data beside it.',
  ),
  entry(
    'L0811',
    'A malformed ONNX file',
    'The bytes are no ONNX model, or its graph makes no sense: a value that nothing defines or that is defined twice, a cycle, a tensor whose data do not fit its shape. Export or copy the file again; onnx.checker tells more.',
  ),
  entry(
    'L0812',
    'External data that cannot be used',
    'Tensors outside the file lie beside it, under a plain relative path, as whole as when they were written. Paths and links that leave the folder are not followed, so that a network from a stranger cannot read your files.',
  ),
  entry(
    'L0813',
    'An operator that cannot be imported',
    'docs/onnx-import.md lists what can. Graphs inside nodes (If, Loop, Scan), functions of the file and operators of other domains cannot: a job has a fixed cost. Export the network with other operators, unrolled and inlined, or write it in the job language.',
  ),
  entry(
    'L0814',
    'A use of an operator that is not covered',
    'The operator can be imported, but not with this attribute, or not with an operand that is computed in the step where a constant is needed (shapes, axes, indices of Slice). Export the network with fixed shapes but for the batch, and in evaluation mode.',
  ),
  entry(
    'L0815',
    'Shapes inside a network that do not fit',
    'The node named computes with shapes that do not go together for the batch of this job. Often a Reshape holds the batch with which the network was exported: export it with a free batch axis.',
  ),
  entry(
    'L0816',
    'Arguments that do not fit a network',
    'A network is called with one tensor for each of its inputs, in order or by name, of their element types (f32, or i32 for every ONNX integer) and shapes. A free axis takes any length, the same wherever its name stands.',
  ),
  entry(
    'L0817',
    'Values that cannot be weights or constants',
    'Weights are finite and lie within 2^20. NaN and infinity in a file most often mean that its training diverged. Constants beyond 2^60 stand for infinity and are read as 2^60.',
  ),
  entry(
    'L0818',
    'An element type that is not supported',
    'Networks compute in float32; float64 and half precision tensors are rounded to it. Integers and truth values are for indices, shapes and masks. Strings, complex numbers, sparse tensors and the 4 and 8 bit floats cannot be imported.',
  ),
  entry(
    'L0819',
    'A network that asks for too much',
    'A network may have 20,000 nodes, and the constants computed at import 16,777,216 elements together.',
  ),
  entry(
    'L0820',
    'A model in an unknown form',
    'A model has a body, as in model name(x: f32[n, 64]) -> f32[n, 10] { ... }, or is read from a file, as in model name = onnx("file.onnx").',
  ),
  entry(
    'L0821',
    'Which output?',
    'A model has one value. For a network of several outputs say which: onnx("file.onnx", output = "logits").',
  ),
];
