import { expect } from 'chai';
import {
  GraphBuilder,
  isOperator,
  OPERATORS,
  rangeOf,
  type Case,
  type Graph,
  type OperatorName,
  type TensorValue,
} from '../src/index.js';
import { differences } from './onnxruntime.js';

/** A graph of one operator, its operands free inputs with exactly the range of the example. */
function caseGraph(op: OperatorName, example: Case): { graph: Graph; inputs: Record<string, TensorValue> } {
  const builder = new GraphBuilder();
  const inputs: Record<string, TensorValue> = {};
  const operands = example.inputs.map((value, n) => {
    inputs[`in${n}`] = value;
    return builder.input(`in${n}`, { dtype: value.dtype, shape: value.shape }, rangeOf(value.data), {
      kind: 'free',
    });
  });
  builder.output('out', builder.add(op, operands, example.attributes), 'output');
  return { graph: builder.build(), inputs };
}

describe('operators', () => {
  it('have opcodes of their own, within a byte', () => {
    const opcodes = Object.values(OPERATORS).map((operator) => operator.opcode);
    expect(new Set(opcodes).size).to.equal(opcodes.length);
    for (const opcode of opcodes) expect(opcode).to.be.within(1, 255);
  });

  for (const [name, operator] of Object.entries(OPERATORS)) {
    if (!isOperator(name) || operator.family === 'source') continue;
    it(`${name} has examples`, () => expect(operator.cases).not.to.be.empty);
    for (const example of operator.cases) {
      it(`${name}: ${example.name}, as onnxruntime computes it`, async () => {
        const { graph, inputs } = caseGraph(name, example);
        expect(await differences(graph, inputs)).to.deep.equal([]);
      });
    }
  }
});
