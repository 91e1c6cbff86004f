/** Collecting broken rules instead of stopping at the first. */
import type { Span } from '../error.js';
import { RuleError, RULES, type RuleName } from './rule.js';

export interface Violation {
  readonly rule: RuleName;
  /** `G01xx`, for `gensyn explain`. */
  readonly code: string;
  /** Name of the node, input or output that breaks the rule; undefined when the file as a whole does. */
  readonly node: string | undefined;
  readonly message: string;
  /** Expression of the job that the node computes, where it is known. */
  readonly span?: Span;
}

export class Violations {
  readonly list: Violation[] = [];

  add(rule: RuleName, node: string | undefined, message: string, span?: Span): void {
    this.list.push({ rule, code: RULES[rule].code, node, message, ...(span ? { span } : {}) });
  }

  /** Runs a check; a rule broken in it is noted under the node's name, and the result is then undefined. */
  collect<T>(node: string | undefined, check: () => T, span?: Span): T | undefined {
    try {
      return check();
    } catch (error) {
      if (!(error instanceof RuleError)) throw error;
      this.add(error.rule, node, error.message, error.span ?? span);
      return undefined;
    }
  }
}
