/** Matches the arguments of a call, by place and by name, with the parameters of what is called. */
import type { Span } from '@gensyn/ir';
import { didYouMean } from '../diagnostics/suggest.js';
import type { Argument, Call } from '../syntax/ast.js';
import type { Elaboration } from './elaboration.js';

export interface Formal {
  readonly name: string;
  readonly required: boolean;
  /** Takes any number of arguments by place. */
  readonly rest?: boolean | undefined;
  /** Where it was declared, for notes. */
  readonly span?: Span | undefined;
}

/** The arguments given to each parameter (several for a rest parameter), or undefined if the call does not fit. */
export function bindArguments(
  job: Elaboration,
  call: Call,
  formals: readonly Formal[],
): ReadonlyMap<string, readonly Argument[]> | undefined {
  const { name: callee } = call.callee;
  const bound = new Map<string, Argument[]>();
  const names = formals.map((each) => each.name);
  let fits = true;
  const wrong = (...found: Parameters<Elaboration['report']>) => {
    job.report(...found);
    fits = false;
  };
  let place = 0;
  let named = false;
  for (const argument of call.args) {
    const { span } = argument.name ?? argument.value;
    if (argument.name === undefined) {
      const formal = formals[Math.min(place, formals.length - 1)];
      if (named) wrong('L0307', 'an argument by place cannot follow one by name', { span });
      else if (formal === undefined || (place >= formals.length && formal.rest !== true)) {
        const most = formals.length === 1 ? '1 argument' : `${formals.length} arguments`;
        wrong('L0304', `'${callee}' takes at most ${most}, found ${call.args.length}`, { span });
        break;
      } else {
        bound.set(formal.name, [...(bound.get(formal.name) ?? []), argument]);
        place++;
      }
      continue;
    }
    named = true;
    const { name } = argument.name;
    const earlier = bound.get(name);
    if (!names.includes(name)) {
      const help = () =>
        didYouMean(name, names) ?? (names.length > 0 ? `its parameters are ${names.join(', ')}` : undefined);
      wrong('L0303', `'${callee}' has no parameter '${name}'`, { span, help });
    } else if (earlier !== undefined) {
      wrong('L0305', `'${name}' is given twice`, {
        span,
        notes: [{ message: 'first given here', span: earlier[0]!.value.span }],
      });
    } else bound.set(name, [argument]);
  }
  if (!fits) return undefined;
  for (const formal of formals) {
    if (!formal.required || bound.has(formal.name)) continue;
    wrong('L0302', `'${callee}' needs an argument for '${formal.name}'`, {
      span: call.span,
      notes:
        formal.span === undefined ? [] : [{ message: 'the parameter is declared here', span: formal.span }],
    });
  }
  return fits ? bound : undefined;
}
