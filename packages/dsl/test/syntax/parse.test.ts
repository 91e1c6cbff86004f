/** How text becomes a tree: literals, where statements end, precedence, and going on after a mistake. */
import { expect } from 'chai';
import { collectDiagnostics } from '../../src/diagnostics/diagnostic.js';
import type { Expression, Item } from '../../src/syntax/ast.js';
import { quote, readNumber, readString } from '../../src/syntax/literals.js';
import { parse } from '../../src/syntax/parse.js';

function items(text: string): { items: readonly Item[]; found: string[] } {
  const diagnostics = collectDiagnostics();
  const file = parse({ path: 'job.gml', text }, diagnostics);
  return {
    items: file.items,
    found: diagnostics.list.map(({ code, span }) => `${code} ${span?.line}:${span?.column}`),
  };
}

/** An expression with brackets around every operation. */
function shape(expression: Expression): string {
  switch (expression.kind) {
    case 'chain':
      return expression.rest.reduce(
        (left, { operator, operand }) => `(${left} ${operator} ${shape(operand)})`,
        shape(expression.first),
      );
    case 'negation':
      return `(-${shape(expression.operand)})`;
    case 'number':
      return String(expression.value);
    case 'reference':
      return expression.name;
    case 'call':
      return `${expression.callee.name}(${expression.args.map((each) => (each.name ? `${each.name.name}=` : '') + shape(each.value)).join(',')})`;
    default:
      return expression.kind;
  }
}

function value(text: string): string {
  const { items: found, found: errors } = items(`let a = ${text}`);
  expect(errors).to.deep.equal([]);
  const [first] = found;
  return first?.kind === 'let' ? shape(first.value) : '';
}

describe('parse', () => {
  for (const [text, tree] of [
    ['1 - 2 - 3', '((1 - 2) - 3)'],
    ['1 + 2 * 3', '(1 + (2 * 3))'],
    ['(1 + 2) * 3', '((1 + 2) * 3)'],
    ['-a * -b', '((-a) * (-b))'],
    ['a / b / c', '((a / b) / c)'],
    ['f(x, y = 2,)', 'f(x,y=2)'],
    ['1 +\n 2', '(1 + 2)'],
    ['1\n + 2', '(1 + 2)'],
    ['f(\n x\n ,\n y\n)', 'f(x,y)'],
    ['model + sample', '(model + sample)'],
  ] as const) {
    it(JSON.stringify(text), () => expect(value(text)).to.equal(tree));
  }

  it('gives every node its place', () => {
    const [first] = items('let a = 1 +\n  f(x)').items;
    expect(first!.span).to.include({ offset: 0, length: 18, line: 1, column: 1 });
    const sum = first?.kind === 'let' && first.value.kind === 'chain' ? first.value : undefined;
    expect(sum!.rest[0]!.operand.span).to.include({ offset: 14, length: 4, line: 2, column: 3 });
  });

  it('goes on after a mistake with the next statement', () => {
    const text =
      'let = 1\nlet b 2\nlet c = 3\nfn f(x) {\n  relu(x\n  let y =\n  y\n}\ntrain {\n  a b\n  c = 4\n}';
    const { items: found, found: errors } = items(text);
    expect(errors).to.deep.equal(['L0110 1:5', 'L0110 2:7', 'L0111 5:9', 'L0110 6:10', 'L0110 10:5']);
    expect(found.map((each) => each.kind)).to.deep.equal(['let', 'let', 'fn', 'train']);
  });

  it('marks what is missing at the end of a line behind its last word', () => {
    expect(items('let a = f(1\n\n\nlet b = 2').found).to.deep.equal(['L0111 1:12']);
  });
});

describe('literals', () => {
  for (const [image, read] of [
    ['20%', { value: 0.2, unit: '%' }],
    ['1_000.5e-1', { value: 100.05, unit: '' }],
    ['2h', { value: 7200, unit: 'h' }],
    ['.5', { value: 0.5, unit: '' }],
  ] as const) {
    it(image, () => expect(readNumber(image)).to.deep.equal(read));
  }
  for (const image of ['1e999', '3x', '0x10', '1__proto__']) {
    it(`${image} is none`, () => expect(readNumber(image)).to.have.property('problem'));
  }
  it('strings read back as they are quoted', () => {
    const text = 'a "quoted" \\ path\n\tnext';
    expect(readString(quote(text))).to.deep.equal({ value: text, badEscape: undefined });
    expect(readString('"ab\\q"').badEscape).to.equal(3);
  });
});
