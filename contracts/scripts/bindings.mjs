/** The module of the package and its types: one interface for each contract, in the shapes that ethers takes and gives. */

/** @param artifacts By contract name. */
export function moduleText(artifacts) {
  const entries = Object.values(artifacts).map(
    (artifact) => `  ${artifact.contractName}: ${JSON.stringify(artifact)},\n`,
  );
  return `/** Generated from contracts/src: ABI and bytecode of every contract. */\nexport const artifacts = {\n${entries.join('')}};\n`;
}

const HEAD = `/** Generated from contracts/src: ABI, bytecode and a typed interface of every contract, for ethers 6. */
import type { AddressLike, BaseContract, BigNumberish, BytesLike, ContractTransaction, ContractTransactionResponse, Overrides } from 'ethers';

export interface Artifact {
  readonly contractName: string;
  /** Path of the source below the package. */
  readonly sourceName: string;
  readonly abi: readonly object[];
  /** Code that deploys the contract, 0x-prefixed; "0x" for interfaces. */
  readonly bytecode: string;
  readonly deployedBytecode: string;
}

/** A function that reads: calling it asks the node. */
export interface Reads<Arguments extends unknown[], Result> {
  (...args: [...Arguments, overrides?: Overrides]): Promise<Result>;
  staticCall(...args: [...Arguments, overrides?: Overrides]): Promise<Result>;
  estimateGas(...args: [...Arguments, overrides?: Overrides]): Promise<bigint>;
}

/** A function that changes state: calling it sends a transaction. */
export interface Writes<Arguments extends unknown[], Result> {
  (...args: [...Arguments, overrides?: Overrides]): Promise<ContractTransactionResponse>;
  /** Sends nothing: what would be sent. */
  populateTransaction(...args: [...Arguments, overrides?: Overrides]): Promise<ContractTransaction>;
  staticCall(...args: [...Arguments, overrides?: Overrides]): Promise<Result>;
  estimateGas(...args: [...Arguments, overrides?: Overrides]): Promise<bigint>;
}
`;

/** The text of index.d.ts. */
export function bindings(artifacts) {
  const all = Object.values(artifacts);
  return [
    HEAD,
    ...all.map(interfaceText),
    '/** Every contract by name: what `contractAt` and `deploy` give. */',
    `export interface Contracts {\n${all.map(({ contractName }) => `  ${contractName}: ${contractName};\n`).join('')}}\n`,
    'export const artifacts: { readonly [Name in keyof Contracts]: Artifact };\n',
  ].join('\n');
}

function interfaceText({ contractName, sourceName, abi }) {
  const functions = abi.filter(({ type }) => type === 'function');
  // ethers knows an overloaded function by its signature only.
  const names = functions.map(({ name }) => name);
  const lines = functions.map((each) => {
    const overloaded = names.indexOf(each.name) !== names.lastIndexOf(each.name);
    const key = overloaded ? `'${signature(each)}'` : each.name;
    const reads = ['view', 'pure'].includes(each.stateMutability);
    const args = each.inputs.map((input, i) => `${input.name || `arg${i}`}: ${taken(input)}`).join(', ');
    return `  ${key}: ${reads ? 'Reads' : 'Writes'}<[${args}], ${result(each.outputs)}>;\n`;
  });
  const methods = `export interface ${contractName} extends Omit<BaseContract, ${contractName}Name> {\n${lines.join('')}}\n`;
  const keys = functions.map(({ name }) => `'${name}'`);
  return `type ${contractName}Name = ${keys.length > 0 ? [...new Set(keys)].join(' | ') : 'never'};\n\n/** ${sourceName} */\n${methods}`;
}

const signature = ({ name, inputs }) => `${name}(${inputs.map(canonical).join(',')})`;
const canonical = ({ type, components }) =>
  components ? type.replace('tuple', `(${components.map(canonical).join(',')})`) : type;

function result(outputs) {
  if (outputs.length === 0) return 'void';
  if (outputs.length === 1) return given(outputs[0]);
  const named = outputs.filter(({ name }) => name).map((output) => `${output.name}: ${given(output)}`);
  return `[${outputs.map(given).join(', ')}]${named.length > 0 ? ` & { ${named.join('; ')} }` : ''}`;
}

/** What ethers takes for a parameter. */
const taken = (parameter) =>
  typed(parameter, { number: 'BigNumberish', bytes: 'BytesLike', address: 'AddressLike' });
/** What ethers gives for a result. */
const given = (parameter) => typed(parameter, { number: 'bigint', bytes: 'string', address: 'string' });

function typed({ type, components }, words) {
  const array = /^(.*)\[\d*\]$/.exec(type);
  if (array) return `readonly (${typed({ type: array[1], components }, words)})[]`;
  if (type === 'tuple')
    return `{ ${components.map((each) => `${each.name}: ${typed(each, words)}`).join('; ')} }`;
  if (type === 'bool') return 'boolean';
  if (type === 'string') return 'string';
  if (type === 'address') return words.address;
  return type.startsWith('bytes') ? words.bytes : words.number;
}
