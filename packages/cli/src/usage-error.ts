/** Turns what oclif says of a command line into the project's own errors. */
import { GensynError } from '@gensyn/ir';
import { nearest } from './nearest.js';

interface ParseFailure extends Error {
  readonly flags?: readonly string[];
  readonly args?: readonly (string | { readonly name: string })[];
  readonly parse?: { readonly input?: { readonly flags?: Record<string, unknown> } };
}

/** Which code each of oclif's error classes gets. Their messages are kept, the hint at --help is not. */
const CODES: Readonly<Record<string, string>> = {
  NonExistentFlagsError: 'U0101',
  RequiredArgsError: 'U0103',
  UnexpectedArgsError: 'U0104',
  FlagInvalidOptionError: 'U0105',
  ArgInvalidOptionError: 'U0105',
  FailedFlagValidationError: 'U0106',
  ViolatedFlagConstraintError: 'U0106',
  InvalidArgsSpecError: 'U0106',
  CLIParseError: 'U0105',
  CLIError: 'U0105',
};

/** Undefined for errors that are not about the command line. */
export function usageError(error: unknown, command: string | undefined): GensynError | undefined {
  if (!(error instanceof Error) || error instanceof GensynError) return undefined;
  const failure = error as ParseFailure;
  const code = CODES[error.constructor.name.replace(/^_/, '')];
  if (code === undefined || !('oclif' in error)) return undefined;
  const about = command === undefined ? 'gensyn --help' : `gensyn ${command} --help`;
  return new GensynError(code, sentence(failure, code), {
    help: hint(failure, code) ?? `\`${about}\` shows what it takes`,
    cause: error,
  });
}

function sentence({ message, flags, args }: ParseFailure, code: string): string {
  if (code === 'U0101' && flags) return `unknown option${flags.length > 1 ? 's' : ''} ${flags.join(', ')}`;
  if (code === 'U0103' && args)
    return `missing ${args.map((arg) => `<${typeof arg === 'string' ? arg : arg.name}>`).join(', ')}`;
  if (code === 'U0104' && args) return `too many arguments: ${args.join(' ')}`;
  // eslint-disable-next-line no-control-regex
  const plain = message.replace(/\u001b\[[0-9;]*m/g, '').replace(/\nSee more help with --help/, '');
  const lines = plain
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const said = (lines.length > 1 && lines[0]!.endsWith('occurred:') ? lines.slice(1) : lines)
    .join('; ')
    .replace(/^Parsing (--[\w-]+);? /, '$1: ')
    .replace(
      /^(--[\w-]+)=true cannot also be provided when using (--[\w-]+)$/,
      '$1 and $2 exclude each other',
    )
    .replace(
      /^(--[\w-]+)=(.*) cannot also be provided when using (--[\w-]+)$/,
      '$1 and $3 exclude each other',
    )
    .replace(/^All of the following must be provided when using (--[\w-]+): (.*)$/, '$1 needs $2');
  return said.charAt(0).toLowerCase() + said.slice(1);
}

function hint({ flags, parse }: ParseFailure, code: string): string | undefined {
  if (code !== 'U0101' || flags?.[0] === undefined) return undefined;
  const known = Object.keys(parse?.input?.flags ?? {});
  const close = nearest(flags[0].replace(/^-+/, ''), known);
  return close === undefined ? undefined : `did you mean --${close}?`;
}
