/** Solidity to ABI and bytecode through solc's standard JSON, cached by the hash of the input. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readSources } from './sources.mjs';
import { settingsOf } from './settings.mjs';

const CACHE = new URL('../../.cache/solc/', import.meta.url);
const OUTPUT = ['abi', 'evm.bytecode.object', 'evm.deployedBytecode.object'];

/** solc's answer to `input`, from the cache if this input was compiled before. */
export async function standardJson(input) {
  const { version } = JSON.parse(
    readFileSync(fileURLToPath(import.meta.resolve('solc/package.json')), 'utf8'),
  );
  const key = createHash('sha256')
    .update(JSON.stringify([version, input]))
    .digest('hex');
  const cached = new URL(`${key}.json`, CACHE);
  try {
    return JSON.parse(readFileSync(cached, 'utf8'));
  } catch {
    // Not compiled yet, or cut short while it was written.
  }
  const { default: solc } = await import('solc');
  const text = solc.compile(JSON.stringify(input));
  mkdirSync(CACHE, { recursive: true });
  const partial = new URL(`${key}.${process.pid}.partial`, CACHE);
  writeFileSync(partial, text);
  renameSync(partial, cached);
  return JSON.parse(text);
}

/**
 * Compiles the named sources and what they import. Returns the artifacts of all contracts in those sources, by contract name:
 * { contractName, sourceName, abi, bytecode, deployedBytecode }, code as 0x-prefixed hex ('0x' for interfaces).
 * Throws an Error in the compiler's own words. Its warnings, but for those in dependencies, are printed, or with `strict` errors.
 */
export async function compile(names, { strict = false } = {}) {
  const artifacts = {};
  // Each with all that have the same settings.
  const groups = new Map();
  for (const name of names) {
    const settings = JSON.stringify(settingsOf(name));
    groups.set(settings, [...(groups.get(settings) ?? []), name]);
  }
  for (const [settings, group] of groups) {
    for (const artifact of await compileGroup(group, JSON.parse(settings), strict)) {
      const { contractName, sourceName } = artifact;
      if (artifacts[contractName])
        throw new Error(
          `two contracts are named ${contractName}: in ${artifacts[contractName].sourceName} and ${sourceName}`,
        );
      artifacts[contractName] = artifact;
    }
  }
  return artifacts;
}

async function compileGroup(names, settings, strict) {
  const input = {
    language: 'Solidity',
    sources: readSources(names),
    settings: { ...settings, outputSelection: { '*': { '*': OUTPUT } } },
  };
  const output = await standardJson(input);
  const said = (output.errors ?? []).filter(({ severity }) => severity !== 'info');
  const words = (list) => list.map((each) => each.formattedMessage).join('\n');
  const warnings = said.filter(
    ({ severity, sourceLocation }) => severity === 'warning' && !sourceLocation?.file.startsWith('@'),
  );
  const errors = said.filter(({ severity }) => severity === 'error').concat(strict ? warnings : []);
  if (errors.length > 0) throw new Error(words(errors));
  if (warnings.length > 0) console.error(words(warnings));
  return names.flatMap((sourceName) =>
    Object.entries(output.contracts[sourceName] ?? {}).map(([contractName, { abi, evm }]) => ({
      contractName,
      sourceName,
      abi,
      bytecode: `0x${evm.bytecode.object}`,
      deployedBytecode: `0x${evm.deployedBytecode.object}`,
    })),
  );
}
