/**
 * Loaded by mocha (`--require`): writes what tests deploy through the factory, and the calls that they make to it, to the file that
 * GENSYN_CALLS names: lines of ABI-encoded (string name, address account, bytes arguments, bytes data, bool succeeded) each, data empty
 * for a deployment.
 */
import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { AbiCoder, dataSlice, JsonRpcProvider, Transaction } from 'ethers';
import { addressOf, FACTORY } from '../packages/protocol/dist/src/deploy/factory.js';

const file = process.env.GENSYN_CALLS;
/** Calls with less gas are about running out of it, which depends on how the code was compiled. */
const ENOUGH_GAS = 10_000_000n;
/** Characters of the file; later calls are left out. */
const MOST = 48e6;

const codes = ['artifacts', 'harness'].flatMap((folder) => {
  const at = new URL(`../contracts/dist/${folder}/`, import.meta.url);
  return readdirSync(at).map((each) => JSON.parse(readFileSync(new URL(each, at), 'utf8')));
});
const deployed = new Map();
const seen = new Set();
let written = 0;
writeFileSync(file, '');

function write(...values) {
  const line = AbiCoder.defaultAbiCoder().encode(['string', 'address', 'bytes', 'bytes', 'bool'], values);
  if (seen.has(line) || written + line.length > MOST) return;
  seen.add(line);
  written += line.length;
  appendFileSync(file, `${line}\n`);
}

function sent({ to, data }) {
  if (to?.toLowerCase() !== FACTORY.toLowerCase()) return;
  // Behind the salt.
  const initCode = dataSlice(data, 32);
  const code = codes.find(({ bytecode }) => bytecode !== '0x' && initCode.startsWith(bytecode));
  if (!code) return;
  const [name, args] = [
    `${basename(code.sourceName)}:${code.contractName}`,
    `0x${initCode.slice(code.bytecode.length)}`,
  ];
  const account = addressOf(initCode);
  deployed.set(account.toLowerCase(), [name, account, args]);
  write(name, account, args, '0x', true);
}

const send = JsonRpcProvider.prototype._send;
JsonRpcProvider.prototype._send = async function (payload) {
  const answers = await send.call(this, payload);
  for (const { id, method, params } of [payload].flat()) {
    if (method === 'eth_sendRawTransaction') sent(Transaction.from(params[0]));
    const known = method === 'eth_call' && deployed.get(params[0].to?.toLowerCase());
    if (!known || (params[0].gas !== undefined && BigInt(params[0].gas) < ENOUGH_GAS)) continue;
    const answer = [answers].flat().find((each) => each.id === id);
    write(...known, params[0].data, !answer?.error);
  }
  return answers;
};
