/** What the codes of reading and writing models, Merkle trees and random numbers mean, for `gensyn explain`. */

export interface Explanation {
  readonly code: string;
  readonly title: string;
  readonly text: string;
}

export const onnxExplanations: readonly Explanation[] = [
  {
    code: 'G0001',
    title: 'The model file ends too early',
    text: 'A field announces more bytes than are left. The file was cut off in transit, or it is not an ONNX model.',
  },
  {
    code: 'G0002',
    title: 'A number in the model file is too long',
    text: 'Protocol Buffers numbers have at most 64 bits in ten bytes. The file is damaged or not an ONNX model.',
  },
  {
    code: 'G0003',
    title: 'A field of the model file has a form that ONNX does not use',
    text: 'A field number of zero, a group, or a wire type that does not belong to the field. The file is damaged or not an ONNX model.',
  },
  {
    code: 'G0004',
    title: 'The model is nested too deeply',
    text: 'Messages may be nested 100 deep, as in Protocol Buffers itself; a subgraph inside a node takes three levels.',
  },
  {
    code: 'G0005',
    title: 'The model holds too many parts',
    text: 'The number of messages, names and byte fields is limited (4 million), because two bytes of a file can announce a part that takes a hundred in memory.',
  },
  {
    code: 'G0006',
    title: 'A field of the model is given twice',
    text: 'Readers of Protocol Buffers merge or replace repeated fields, each in its own way, so such a file could mean two models. Write it again with one value for each field.',
  },
  {
    code: 'G0007',
    title: 'A text in the model is not valid Unicode',
    text: 'Names in ONNX models are UTF-8.',
  },
  {
    code: 'G0008',
    title: 'An integer in the model is too large',
    text: 'Dimensions and versions must lie within 2^53, which is the largest integer this program holds exactly.',
  },
  {
    code: 'G0009',
    title: 'The model does not fit an ONNX file',
    text: 'A Protocol Buffers message ends at 2 GiB. Keep large constants outside the model.',
  },
  {
    code: 'G0011',
    title: "A tensor's data does not fit its shape",
    text: 'The number of elements must be the product of the dimensions, held in exactly one field, and every value must lie within the element type.',
  },
  {
    code: 'G0012',
    title: 'A tensor has an element type that is not supported',
    text: 'Strings, segments and the 4 and 8 bit floating-point types cannot be read.',
  },
  {
    code: 'G0013',
    title: "A tensor's external file lies outside the model's folder",
    text: 'External data must be named by a relative path below the folder of the model, without "..", backslashes, colons or control characters.',
  },
  {
    code: 'G0014',
    title: "A tensor's data lies in another file",
    text: 'The bytes of the external file were not supplied where they are needed. Put the data inside the model.',
  },
  {
    code: 'G0020',
    title: "A tensor's bytes do not fit its shape",
    text: 'A commitment is taken over exactly as many bytes as shape and element type need.',
  },
  {
    code: 'G0021',
    title: 'There is no such element or chunk',
    text: 'An opening was asked for beyond the end of the tensor or list.',
  },
  {
    code: 'G0022',
    title: 'An entry of a commitment is malformed',
    text: 'Entries of a list are digests of 32 bytes, and the names in a state differ from each other.',
  },
  {
    code: 'G0023',
    title: 'A checkpoint record or root is malformed',
    text: 'A record holds a step, a state root of 64 hex digits, a binary32 loss, a cursor and a time in whole milliseconds, none of them negative.',
  },
  {
    code: 'G0024',
    title: 'States that cannot be merged',
    text: 'A merge takes the state of each replica of a job after the same number of steps: the same tensors, of the same types.',
  },
  {
    code: 'G0030',
    title: 'A random number was asked for with an argument out of range',
    text: 'Seeds, streams, steps and epochs are unsigned 32 bit integers; bounds are positive and normal in binary32; the probability to keep lies above 0 and at most at 1; row counts lie between 1 and 2^31 - 1.',
  },
  {
    code: 'G0032',
    title: 'Given initial values are not at hand',
    text: 'A job that starts from the weights of an imported network keeps them in init.onnx, and its graph commits to their roots. The file is missing from the folder or holds other tensors. Copy the whole folder, or compile the job again.',
  },
];
