/** Elaborates a data block: columns, where they come from, how they are scaled. */
import { didYouMean } from '../diagnostics/suggest.js';
import type { ColumnNode, Data, Setting, SourceNode } from '../syntax/ast.js';
import { quote } from '../syntax/literals.js';
import { columnType } from './column-type.js';
import { booleanOf, constant, numberWithin, textOf } from './constant.js';
import { count } from './elaboration.js';
import type { Elaboration } from './elaboration.js';
import { describeItem } from './item.js';
import { MAX_INTEGER } from './limits.js';
import type { Column, ColumnSource, Dataset } from './program.js';

function source(job: Elaboration, node: SourceNode): ColumnSource | undefined {
  const bound = (expression: Parameters<typeof numberWithin>[1], min: number) =>
    numberWithin(job, expression, 'a bound', { min, max: MAX_INTEGER, integer: true });
  switch (node.kind) {
    case 'missing':
      return undefined;
    case 'whole':
      return { kind: 'whole' };
    case 'member':
      return { kind: 'member', name: node.name.value };
    case 'named':
      return { kind: 'named', names: node.names.map((each) => each.value) };
    default: {
      const lowest = node.kind === 'text' ? -MAX_INTEGER : 0;
      const first = bound(node.first, lowest);
      const last = node.last === undefined ? first : bound(node.last, lowest);
      if (first === undefined || last === undefined) return undefined;
      if (last < first) {
        job.report('L0604', `the range ${first}..${last} is empty`, {
          span: node.span,
          help: `write ${last}..${first}`,
        });
        return undefined;
      }
      if (node.kind === 'columns') return { kind: 'columns', first, last };
      const { name, span } = node.unit;
      if (name !== 'line' && name !== 'text') {
        job.report('L0605', `'${name}' is not a unit of text`, {
          span,
          help: () => didYouMean(name, ['line', 'text']) ?? "write 'of line' or 'of text'",
        });
        return undefined;
      }
      return { kind: 'text', level: node.level, unit: name, first, last };
    }
  }
}

/** How many values a source gives for one row, where it says so itself. */
function width(from: ColumnSource): number | undefined {
  if (from.kind === 'named') return from.names.length;
  return from.kind === 'columns' || from.kind === 'text' ? from.last - from.first + 1 : undefined;
}

/** `(stored - offset) / divisor` for the arithmetic as written. */
function scaling(job: Elaboration, node: ColumnNode): { divisor: number; offset: number } | undefined {
  let divisor = 1;
  let offset = 0;
  for (const { operator, operand } of node.steps) {
    const item = constant(job, operand);
    if (item.kind === 'error') return undefined;
    if (item.kind !== 'number') {
      job.report('L0606', `a column is scaled with numbers, found ${describeItem(item)}`, {
        span: operand.span,
      });
      return undefined;
    }
    if (operator === '/') divisor *= item.value;
    else if (operator === '*') divisor /= item.value;
    else offset += operator === '-' ? item.value * divisor : -item.value * divisor;
    if (divisor === 0 || !Number.isFinite(divisor) || !Number.isFinite(offset)) {
      job.report('L0606', `'${operator} ${item.value}' leaves nothing of the column`, { span: operand.span });
      return undefined;
    }
  }
  return { divisor, offset: offset + 0 };
}

function column(job: Elaboration, node: ColumnNode, hasFile: boolean): Column | undefined {
  const type = columnType(job, node.type);
  const from = source(job, node.source);
  const scale = scaling(job, node);
  if (type === undefined || from === undefined || scale === undefined) return undefined;
  const named = node.source.kind === 'missing' ? undefined : node.source.path;
  const path = named && textOf(job, named, 'the file of a column');
  if (named !== undefined && path === undefined) return undefined;
  const { span } = node.source;
  const wide = width(from);
  const elements = count(type.shape);
  if (wide !== undefined && wide !== elements) {
    const values = (n: number) => (n === 1 ? '1 value' : `${n} values`);
    job.report('L0601', `'${node.name.name}' holds ${values(elements)} a row, but its source gives ${wide}`, {
      span,
      notes: [{ message: 'the type is declared here', span: node.type.span }],
    });
    return undefined;
  }
  if (node.steps.length > 0 && type.type !== 'f32') {
    job.report('L0606', `only f32 columns can be scaled, and '${node.name.name}' is ${type.type}`, {
      span: node.steps[0]!.operand.span,
    });
    return undefined;
  }
  if (path === undefined && !hasFile) {
    job.report('L0607', `no file is named for '${node.name.name}'`, {
      span,
      help: 'write data name from "file" { ... }, or the file in the column',
    });
    return undefined;
  }
  return { name: node.name.name, ...type, source: from, path, ...scale, span: node.name.span };
}

const settingNames = ['header', 'separator', 'stride', 'alphabet'];

export function elaborateDataset(job: Elaboration, node: Data): Dataset | undefined {
  const path = node.from === undefined ? undefined : textOf(job, node.from, 'the file of a data set');
  const settings = new Map<string, Setting>();
  const columns: Column[] = [];
  const seen = new Map<string, ColumnNode>();
  let complete = node.from === undefined || path !== undefined;
  for (const entry of node.entries) {
    const { name, span } = entry.name;
    if (entry.kind === 'setting') {
      if (!settingNames.includes(name)) {
        const help = () =>
          didYouMean(name, settingNames) ?? `a column is written '${name}: f32[64] = columns 0..63'`;
        job.report('L0503', `a data block has no setting '${name}'`, { span, help });
      } else if (settings.has(name)) {
        job.report('L0505', `'${name}' is set twice`, {
          span,
          notes: [{ message: 'first set here', span: settings.get(name)!.span }],
        });
      } else settings.set(name, entry);
      continue;
    }
    const first = seen.get(name);
    if (first !== undefined) {
      job.report('L0203', `'${name}' is declared twice`, {
        span,
        notes: [{ message: 'first declared here', span: first.name.span }],
      });
      continue;
    }
    seen.set(name, entry);
    const made = column(job, entry, node.from !== undefined);
    if (made === undefined) complete = false;
    else columns.push(made);
  }
  if (seen.size === 0)
    job.report('L0608', `the data set '${node.name.name}' has no columns`, { span: node.name.span });
  const options = settingsOf(job, node, settings, columns);
  if (!complete || columns.length === 0 || !consistent(job, columns)) {
    // What is right can still be used, so that the rest of the job is checked too.
    if (columns.length === 0) return undefined;
  }
  return { name: node.name.name, path, columns, ...options, span: node.name.span };
}

/** Columns of text have rows of their own kind, so they do not mix with others or with each other. */
function consistent(job: Elaboration, columns: readonly Column[]): boolean {
  const text = columns.find((each) => each.source.kind === 'text');
  if (text === undefined) return true;
  const kind = (each: Column) =>
    each.source.kind === 'text' ? `${each.source.level}s of ${each.source.unit}` : each.source.kind;
  const other = columns.find((each) => kind(each) !== kind(text));
  if (other !== undefined) {
    job.report(
      'L0609',
      `'${other.name}' is not read in the same way as '${text.name}': ${kind(other)}, ${kind(text)}`,
      {
        span: other.span,
        notes: [{ message: 'the other column is here', span: text.span }],
        help: 'rows of text pair only with the same units of the same text; declare a second data set',
      },
    );
    return false;
  }
  for (const each of columns) {
    if (each.type === 'f32')
      job.report('L0610', `text gives indices, so '${each.name}' must be i32 or class`, { span: each.span });
  }
  return true;
}

function settingsOf(
  job: Elaboration,
  node: Data,
  settings: ReadonlyMap<string, Setting>,
  columns: readonly Column[],
): Pick<Dataset, 'header' | 'separator' | 'stride' | 'alphabet'> {
  const csv = columns.some((each) => each.source.kind === 'columns' || each.source.kind === 'named');
  const named = columns.some((each) => each.source.kind === 'named');
  const text = columns.find((each) => each.source.kind === 'text')?.source;
  const applies: Readonly<Record<string, boolean>> = {
    header: csv,
    separator: csv,
    stride: text?.kind === 'text' && text.unit === 'text',
    alphabet: text?.kind === 'text' && text.level === 'char',
  };
  const only: Readonly<Record<string, string>> = {
    header: 'csv columns',
    separator: 'csv columns',
    stride: "columns 'of text'",
    alphabet: 'columns of chars',
  };
  function setting<T>(
    name: string,
    fallback: T,
    shown: string,
    read: (setting: Setting) => T | undefined,
  ): T {
    const found = settings.get(name);
    if (found !== undefined && !applies[name] && columns.length > 0) {
      job.report('L0611', `'${name}' is for ${only[name]}, and '${node.name.name}' has none`, {
        span: found.name.span,
      });
      return fallback;
    }
    if (found === undefined) {
      if (applies[name] === true) job.defaulted(`${node.name.name}.${name}`, shown);
      return fallback;
    }
    return read(found) ?? fallback;
  }
  return {
    header: setting('header', named, String(named), ({ value }) => booleanOf(job, value, "'header'")),
    separator: setting('separator', ',', '","', ({ value }) => {
      const separator = textOf(job, value, "'separator'");
      if (separator === undefined || (separator.length === 1 && !'"\r\n'.includes(separator)))
        return separator;
      job.report('L0504', `'separator' must be one character, found ${quote(separator)}`, {
        span: value.span,
      });
      return undefined;
    }),
    stride: setting('stride', 1, '1', ({ value }) =>
      numberWithin(job, value, "'stride'", { min: 1, max: MAX_INTEGER, integer: true }),
    ),
    alphabet: setting('alphabet', undefined, 'the characters of the file', ({ value }) => {
      const alphabet = textOf(job, value, "'alphabet'");
      if (alphabet === undefined) return undefined;
      const characters = [...alphabet];
      const repeated = characters.find((each, index) => characters.indexOf(each) !== index);
      if (characters.length > 0 && repeated === undefined) return alphabet;
      const message = repeated === undefined ? "'alphabet' is empty" : `'alphabet' holds '${repeated}' twice`;
      job.report('L0504', message, { span: value.span });
      return undefined;
    }),
  };
}
