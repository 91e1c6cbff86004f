/** Two models as Python's onnx 1.23 writes them, in base64; the script that made them stands below. */

/*
 * import onnx, numpy as np, base64
 * from onnx import helper as h, TensorProto as T, numpy_helper as nh
 * # 1: affine map with typed-field initialiser, metadata and a subgraph (If)
 * then = h.make_graph([h.make_node('Add', ['x', 'c'], ['t'])], 'then', [], [h.make_tensor_value_info('t', T.FLOAT, [2, 2])])
 * other = h.make_graph([h.make_node('Mul', ['x', 'c'], ['e'])], 'else', [], [h.make_tensor_value_info('e', T.FLOAT, [2, 2])])
 * g = h.make_graph(
 *     [h.make_node('If', ['p'], ['y'], name='choose', then_branch=then, else_branch=other)], 'branch',
 *     [h.make_tensor_value_info('x', T.FLOAT, [2, 2]), h.make_tensor_value_info('p', T.BOOL, [])],
 *     [h.make_tensor_value_info('y', T.FLOAT, [2, 2])],
 *     [h.make_tensor('c', T.FLOAT, [2], [1.5, -2.0])])
 * m = h.make_model(g, opset_imports=[h.make_opsetid('', 21)], producer_name='fixture')
 * m.ir_version = 10
 * h.set_model_props(m, {'key': 'väl'})
 * onnx.checker.check_model(m)
 * print(base64.b64encode(m.SerializeToString()).decode())
 * g = h.make_graph(
 *     [h.make_node('Transpose', ['a'], ['b'], perm=[1, 0]), h.make_node('LeakyRelu', ['b'], ['y'], alpha=0.25),
 *      h.make_node('Constant', [], ['k'], value=nh.from_array(np.array([-1, 2**40], np.int64)))], 'attributes',
 *     [h.make_tensor_value_info('a', T.FLOAT, ['n', 3])],
 *     [h.make_tensor_value_info('y', T.FLOAT, [3, 'n']), h.make_tensor_value_info('k', T.INT64, [2])],
 *     [h.make_tensor('i', T.INT64, [3], [1, -1, 2**62]), h.make_tensor('u', T.UINT8, [2], [7, 255]), h.make_tensor('d', T.DOUBLE, [1], [0.1])])
 * m = h.make_model(g, opset_imports=[h.make_opsetid('', 21), h.make_opsetid('com.microsoft', 1)])
 * m.ir_version = 10
 * print(base64.b64encode(m.SerializeToString()).decode())
 */

export const branchModel = [
  'CAoSB2ZpeHR1cmU65QEKkAEKAXASAXkaBmNob29zZSICSWYqPQoLZWxzZV9icmFuY2gyKwoOCgF4CgFjEgFlIgNNdWwSBGVsc2Vi',
  'EwoBZRIOCgwIARIICgIIAgoCCAKgAQUqPQoLdGhlbl9icmFuY2gyKwoOCgF4CgFjEgF0IgNBZGQSBHRoZW5iEwoBdBIOCgwIARII',
  'CgIIAgoCCAKgAQUSBmJyYW5jaCoRCAIQASIIAADAPwAAAMBCAWNaEwoBeBIOCgwIARIICgIIAgoCCAJaCwoBcBIGCgQICRIAYhMK',
  'AXkSDgoMCAESCAoCCAIKAggCQgQKABAVcgsKA2tleRIEdsOkbA==',
].join('');

export const attributesModel = [
  'CAo6ggIKIAoBYRIBYiIJVHJhbnNwb3NlKg0KBHBlcm1AAUAAoAEHCiIKAWISAXkiCUxlYWt5UmVsdSoPCgVhbHBoYRUAAIA+oAEB',
  'CjESAWsiCENvbnN0YW50KiIKBXZhbHVlKhYIAhAHShD//////////wAAAAAAAQAAoAEEEgphdHRyaWJ1dGVzKh0IAxAHOhQB////',
  '////////AYCAgICAgICAQEIBaSoMCAIQAioDB/8BQgF1KhEIARALQgFkUgiamZmZmZm5P1oUCgFhEg8KDQgBEgkKAxIBbgoCCANi',
  'FAoBeRIPCg0IARIJCgIIAwoDEgFuYg8KAWsSCgoICAcSBAoCCAJCBAoAEBVCEQoNY29tLm1pY3Jvc29mdBAB',
].join('');
