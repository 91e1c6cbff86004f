/** gensyn referee: one element of one operator of a real step, computed by the contract on a local chain. */
import { Args, Flags } from '@oclif/core';
import { readFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import {
  GensynError,
  JOB_FILES,
  OPERATORS,
  decodeModel,
  evaluate,
  formatPlace,
  formatType,
  fromOnnx,
  nodeName,
  randomInputs,
  type Graph,
  type Span,
} from '@gensyn/ir';
import type { CommittedStep } from '@gensyn/protocol';
import { GensynCommand } from '../command.js';
import { compileSource } from '../compile-source.js';
import { findJob } from '../find-job.js';
import { setFlag, settings as pairs } from '../flags.js';
import { readSettings } from '../settings.js';

/** A step with the folder that holds the job's text, where there is one. */
interface Found {
  readonly step: CommittedStep;
  readonly folder: string | undefined;
}

export class Referee extends GensynCommand {
  static override summary = 'Have one element of one operator computed on chain, and compare it.';
  static override description =
    'Recomputes a step (counted from 0) by the definitions of the operators, deploys the referee on a local chain that ends with the command, and asks ' +
    'it for one element of one node, with the openings that its answer follows from. Of a reduction with many terms, name one: the partial result that ' +
    'includes it is computed. An .onnx file that is no job is given random inputs.';
  static override examples = [
    {
      description: 'Element 5 of node 130 in step 200:',
      command: '<%= config.bin %> referee runs/digits --step 200 --node 130 --element 5',
    },
    {
      description: 'Term 17 of a long sum:',
      command: '<%= config.bin %> referee --node 88 --element 0 --term 17',
    },
  ];
  static override args = {
    job: Args.string({ description: 'A .gml file, a compiled job, a run, or an .onnx file.' }),
  };
  static override flags = {
    set: setFlag,
    node: Flags.string({ char: 'n', required: true, description: 'A node by number or name.' }),
    element: Flags.integer({
      char: 'e',
      min: 0,
      default: 0,
      description: 'An element of its output, counted row by row from 0.',
    }),
    step: Flags.integer({ min: 0, default: 0, description: 'A step, counted from 0.' }),
    term: Flags.integer({ min: 0, description: 'A term of a reduction, counted from 0.' }),
  };

  override async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Referee);
    const found =
      args.job !== undefined && extname(args.job) === '.onnx'
        ? await graphStep(args.job)
        : await this.jobStep(args.job, flags.set, flags.step);
    const { step, folder } = found;
    const { graph } = step.job;
    const node = find(graph, flags.node);
    const {
      askReferee,
      bitsOfValue,
      buildQuery,
      contractAt,
      deploy,
      gasOfQuery,
      operandElements,
      partialResults,
      startDevnet,
      termsOf,
      valueOfBits,
    } = await import('@gensyn/protocol');
    const asked = graph.nodes[node]!;
    const terms = termsOf(step, asked);
    const query = buildQuery(step, node, flags.element, flags.term);
    const dtype = asked.type.dtype;
    const local =
      flags.term === undefined
        ? step.values[node]!.data[flags.element]!
        : partialResults(step, node, flags.element)[flags.term]!;
    const devnet = await startDevnet();
    try {
      const { address } = await deploy(devnet.signer, 'Referee');
      const bits = await askReferee(contractAt('Referee', address, devnet.signer), query);
      const gas = await gasOfQuery(devnet.signer, address, query);
      const operands =
        OPERATORS[asked.op].family === 'source' ? [] : operandElements(step, node, flags.element, flags.term);
      const report = {
        node,
        name: nodeName(graph, node),
        operator: asked.op,
        type: formatType(asked.type),
        step: step.number,
        element: flags.element,
        ...(flags.term === undefined ? {} : { term: flags.term }),
        terms,
        place: asked.span && formatPlace(asked.span),
        source: sourceLine(folder, asked.span),
        operands: operands.map(({ operand, element }) => {
          const id = asked.inputs[operand]!;
          return {
            node: id,
            name: nodeName(graph, id),
            operator: graph.nodes[id]!.op,
            element,
            value: step.values[id]!.data[element]!,
          };
        }),
        here: { value: local, bits: hex(bitsOfValue(dtype, local)) },
        chain: { value: valueOfBits(dtype, bits), bits: hex(bits) },
        agree: bits === bitsOfValue(dtype, local),
        gas,
        proofBytes: (query.proof.length - 2) / 2,
      };
      if (!report.agree) process.exitCode = 1;
      if (this.jsonEnabled()) return report;
      const [{ default: chalk }, { count, exact }, { block }] = await Promise.all([
        import('chalk'),
        import('../words.js'),
        import('../job-summary.js'),
      ]);
      const shown = report.operands
        .slice(0, 8)
        .map((each) => `${each.name}[${each.element}] = ${exact(each.value)}`);
      this.log(
        block([
          ['node', `${node}: ${report.operator}, ${OPERATORS[asked.op].summary}`],
          ...(report.place === undefined
            ? []
            : [
                [
                  'written at',
                  [report.place, ...(report.source === undefined ? [] : [report.source])],
                ] as const,
              ]),
          [
            'question',
            `element ${flags.element} of ${report.type} in step ${step.number}${flags.term === undefined ? '' : `, up to term ${flags.term} of ${terms}`}`,
          ],
          ...(shown.length === 0
            ? []
            : [
                [
                  'operands',
                  report.operands.length > 8 ? [...shown, `and ${report.operands.length - 8} more`] : shown,
                ] as const,
              ]),
          ['computed here', `${exact(local)}  ${report.here.bits}`],
          ['computed on chain', `${exact(report.chain.value)}  ${report.chain.bits}`],
          ['verdict', report.agree ? chalk.green('the same bits') : chalk.red('they differ')],
          [
            'gas',
            `${count(gas)} for a transaction of its own, with ${count(report.proofBytes)} bytes of proof`,
          ],
        ]),
      );
      return undefined;
    } finally {
      await devnet.stop();
    }
  }

  private async jobStep(
    name: string | undefined,
    set: readonly string[] | undefined,
    number: number,
  ): Promise<Found> {
    const [{ inspectStep, loadJob }, { jobStep }, { stateAt }] = await Promise.all([
      import('@gensyn/runtime'),
      import('@gensyn/protocol'),
      import('../state-at.js'),
    ]);
    const job = findJob(name);
    const folder =
      job.kind === 'compiled'
        ? job.path
        : (await compileSource({ job, settings: await readSettings(), set: pairs(set as string[]) })).folder;
    const opened = await loadJob(folder);
    const values = inspectStep(opened, await stateAt(opened, folder, number), number);
    return { step: jobStep(folder, opened.manifest, opened.step, number, values), folder };
  }
}

/** A graph by itself: its inputs are random values within their declared ranges. */
async function graphStep(file: string): Promise<Found> {
  const { commitStep } = await import('@gensyn/protocol');
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    throw new GensynError('U0401', `cannot read ${file}`, { cause });
  }
  const graph = fromOnnx(decodeModel(bytes));
  const values = evaluate(graph, randomInputs(graph, 1));
  return {
    step: commitStep(
      { graph, seed: 1, batch: 1, columns: [], columnBytes: () => new Uint8Array() },
      1,
      values,
    ),
    folder: undefined,
  };
}

const hex = (bits: number): string => `0x${bits.toString(16).padStart(8, '0')}`;

/** The line of the job that a node comes from, where the folder has its text. */
function sourceLine(folder: string | undefined, span: Span | undefined): string | undefined {
  if (folder === undefined || span === undefined || basename(span.file) !== 'job.gml') return undefined;
  try {
    return readFileSync(join(folder, JOB_FILES.source), 'utf8').split('\n')[span.line - 1]?.trim();
  } catch {
    return undefined;
  }
}

/** Errors: U0402. */
function find(graph: Graph, wanted: string): number {
  const id = /^\d+$/.test(wanted)
    ? Number(wanted)
    : graph.nodes.findIndex((_, each) => nodeName(graph, each) === wanted);
  if (graph.nodes[id]) return id;
  throw new GensynError('U0402', `there is no node ${wanted}`, {
    help: `the graph has nodes 0 to ${graph.nodes.length - 1}; gensyn inspect --step lists them`,
  });
}
