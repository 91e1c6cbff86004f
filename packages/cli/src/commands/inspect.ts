/** gensyn inspect: what a job or model consists of and costs, and what single operators computed. */
import { Args, Flags } from '@oclif/core';
import { readFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import {
  GensynError,
  JOB_FILES,
  OPERATORS,
  elements,
  formatPlace,
  nodeName,
  type Graph,
  type OperatorName,
  type Span,
  type TensorValue,
} from '@gensyn/ir';
import type { Job } from '@gensyn/runtime';
import { GensynCommand } from '../command.js';
import { compileSource } from '../compile-source.js';
import { findJob } from '../find-job.js';
import { setFlag, settings as pairs } from '../flags.js';
import { readModel } from './lint.js';
import { readSettings } from '../settings.js';

export class Inspect extends GensynCommand {
  static override summary =
    'Show operators, parameters, memory and cost; with --step, what operators computed.';
  static override description =
    'Takes a job, a compiled job, a run or any ONNX file. --step n recomputes step n (counted from 0) by the definitions of the operators, ' +
    'starting from the nearest checkpoint before it, and shows every value, or with --node one operator with its operands.';
  static override examples = [
    { description: 'The job of this folder:', command: '<%= config.bin %> inspect' },
    { description: 'Any ONNX file:', command: '<%= config.bin %> inspect resnet.onnx' },
    {
      description: 'What node 130 computed in step 200:',
      command: '<%= config.bin %> inspect runs/digits --step 200 --node 130',
    },
  ];
  static override args = {
    job: Args.string({ description: 'A .gml file, a compiled job, a run, or an .onnx file.' }),
  };
  static override flags = {
    set: setFlag,
    step: Flags.integer({ min: 0, description: 'Recompute this step, counted from 0.' }),
    node: Flags.string({ char: 'n', description: 'A node by number or name.', dependsOn: ['step'] }),
  };

  override async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Inspect);
    if (args.job !== undefined && extname(args.job) === '.onnx') return this.model(args.job);
    const { loadJob, memoryEstimate } = await import('@gensyn/runtime');
    const job = findJob(args.job);
    const folder =
      job.kind === 'compiled'
        ? job.path
        : (await compileSource({ job, settings: await readSettings(), set: pairs(flags.set) })).folder;
    const opened = await loadJob(folder);
    if (flags.step !== undefined && opened.manifest.shards)
      throw new GensynError('U0403', 'steps of a job in shards are not inspected', {
        help: 'leave out --step for the network, or inspect the job of one replica without a run: shards/0 in the compiled folder',
      });
    if (flags.step !== undefined) return this.step(opened, folder, flags.step, flags.node);
    const memoryBytes = memoryEstimate(opened.step, opened.manifest);
    const operators = costs(opened.step);
    if (this.jsonEnabled()) return { folder, memoryBytes, operators, manifest: opened.manifest };
    const [{ default: chalk }, { jobSummary, partsOf }, { count, scaled }] = await Promise.all([
      import('chalk'),
      import('../job-summary.js'),
      import('../words.js'),
    ]);
    const { manifest, step } = opened;
    const facts = { manifest, step, memoryBytes, parts: await partsOf(folder, manifest) };
    this.log(`${chalk.bold(job.name)}\n\n${jobSummary(facts)}\n`);
    this.log(
      chalk.dim(
        `  ${'operator'.padEnd(14)}${'nodes'.padStart(8)}${'values'.padStart(12)}${'operations'.padStart(13)}`,
      ),
    );
    for (const row of operators)
      this.log(
        `  ${row.operator.padEnd(14)}${count(row.nodes).padStart(8)}${scaled(row.values).padStart(12)}${scaled(row.operations).padStart(13)}`,
      );
    return undefined;
  }

  private async model(file: string): Promise<unknown> {
    const { modelFacts } = await import('../inspect-model.js');
    const facts = modelFacts(readModel(file));
    if (this.jsonEnabled()) return { file, ...facts, operators: Object.fromEntries(facts.operators) };
    const [{ block }, { bytes, count, counted }] = await Promise.all([
      import('../job-summary.js'),
      import('../words.js'),
    ]);
    this.log(
      block([
        ['file', `${file}, ${bytes(facts.bytes)}${facts.producer ? `, written by ${facts.producer}` : ''}`],
        ['opset', facts.opsets.join(', ')],
        ['inputs', facts.inputs.length > 0 ? facts.inputs : 'none'],
        ['outputs', facts.outputs],
        ['parameters', `${count(facts.parameters)} values in ${counted(facts.initializers, 'tensor')}`],
        [
          'operators',
          [
            counted(facts.nodes, 'node'),
            ...facts.operators.map(([name, n]) => `${count(n).padStart(6)} ${name}`),
          ],
        ],
      ]),
    );
    return undefined;
  }

  private async step(job: Job, folder: string, step: number, wanted: string | undefined): Promise<unknown> {
    const { stateAt } = await import('../state-at.js');
    const { inspectStep } = await import('@gensyn/runtime');
    const { factsOf } = await import('../inspect-values.js');
    const graph = job.step;
    const only = wanted === undefined ? undefined : find(graph, wanted);
    const values: TensorValue[] = inspectStep(job, await stateAt(job, folder, step), step);
    const facts = (id: number, most: number): NodeFacts => ({
      node: id,
      name: nodeName(graph, id),
      operator: graph.nodes[id]!.op,
      place: placeOf(graph, id),
      ...factsOf(values[id]!, most),
    });
    const [{ default: chalk }, { exact, count }, { block }] = await Promise.all([
      import('chalk'),
      import('../words.js'),
      import('../job-summary.js'),
    ]);
    if (only === undefined) {
      const all = graph.nodes.map((_, id) => facts(id, 4));
      if (this.jsonEnabled()) return { step, nodes: all };
      for (const { node, name, type, min, max, place } of all) {
        this.log(
          `${String(node).padStart(6)} ${name.slice(0, 34).padEnd(35)}${type.padEnd(20)}${`${exact(min)} .. ${exact(max)}`.padEnd(26)}${chalk.dim(place ?? '')}`,
        );
      }
      return undefined;
    }
    const node = graph.nodes[only]!;
    const [self, operands] = [facts(only, 16), node.inputs.map((id) => facts(id, 8))];
    if (this.jsonEnabled())
      return { step, ...self, attributes: node.attributes, range: node.range, operands };
    const show = (each: NodeFacts): string[] => [
      `${each.name}: ${each.type}`,
      `${exact(each.min)} .. ${exact(each.max)}, mean ${exact(each.mean)}, ${count(each.zeros)} of ${count(each.elements)} zero`,
      each.first.map(exact).join(', ') + (each.elements > each.first.length ? ', …' : ''),
    ];
    this.log(
      block([
        [
          'node',
          `${only}: ${self.operator}${node.op === 'Input' || node.op === 'Constant' ? '' : `, ${OPERATORS[node.op as OperatorName].summary}`}`,
        ],
        ...(self.place === undefined
          ? []
          : [['written at', [self.place, ...sourceLine(folder, node.span)]] as const]),
        ...(Object.keys(node.attributes ?? {}).length === 0
          ? []
          : [['attributes', JSON.stringify(node.attributes)] as const]),
        ['proved', `${exact(node.range.lo)} .. ${exact(node.range.hi)}`],
        ['result', show(self)],
        ...operands.map((operand, i) => [`operand ${i + 1}`, show(operand)] as const),
      ]),
    );
    return undefined;
  }
}

interface NodeFacts extends ReturnType<typeof import('../inspect-values.js').factsOf> {
  readonly node: number;
  readonly name: string;
  readonly operator: string;
  readonly place: string | undefined;
}

function placeOf(graph: Graph, id: number): string | undefined {
  const { span } = graph.nodes[id]!;
  return span && formatPlace(span);
}

/** The line of the job that a node comes from, where the folder has its text. */
function sourceLine(folder: string, span: Span | undefined): string[] {
  try {
    const line = readFileSync(join(folder, JOB_FILES.source), 'utf8').split('\n')[span!.line - 1];
    return line === undefined || basename(span!.file) !== 'job.gml' ? [] : [line.trim()];
  } catch {
    return [];
  }
}

/** Errors: U0402. */
function find(graph: Graph, wanted: string): number {
  const id = /^\d+$/.test(wanted)
    ? Number(wanted)
    : graph.nodes.findIndex((_, each) => nodeName(graph, each) === wanted);
  if (graph.nodes[id]) return id;
  throw new GensynError('U0402', `there is no node ${wanted}`, {
    help: `the graph has nodes 0 to ${graph.nodes.length - 1}; --step without --node lists them`,
  });
}

/** What each kind of operator costs in one step. */
function costs(graph: Graph): { operator: string; nodes: number; values: number; operations: number }[] {
  const rows = new Map<string, { operator: string; nodes: number; values: number; operations: number }>();
  for (const node of graph.nodes) {
    const row = rows.get(node.op) ?? { operator: node.op, nodes: 0, values: 0, operations: 0 };
    rows.set(node.op, row);
    const size = elements(node.type.shape);
    row.nodes += 1;
    row.values += size;
    const first = node.inputs[0] === undefined ? undefined : graph.nodes[node.inputs[0]]!.type.shape;
    if (node.op === 'Dot') row.operations += size * first!.at(-1)!;
    else if (node.op === 'ReduceMax') row.operations += elements(first!);
    else if (OPERATORS[node.op].family === 'map') row.operations += size;
  }
  return [...rows.values()].sort((a, b) => b.operations - a.operations || b.nodes - a.nodes);
}
