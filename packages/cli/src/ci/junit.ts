/** The result of a check in the form that CI servers read (https://github.com/testmoapp/junitxml). */
import type { JobCheck } from './check-job.js';

/** Control characters but for tab and line ends cannot stand in XML at all. */
const isAllowed = (character: string): boolean => character >= ' ' || '\t\n\r'.includes(character);

const text = (value: string): string =>
  [...value]
    .filter(isAllowed)
    .join('')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');

const seconds = (value: number): string => value.toFixed(3);

export function junit(checks: readonly JobCheck[]): string {
  const number = (status: JobCheck['status']): number =>
    checks.filter((each) => each.status === status).length;
  const time = checks.reduce((sum, each) => sum + each.seconds, 0);
  const cases = checks.map((each) => {
    const { name, job, status, findings } = each;
    const head = `    <testcase name="${text(name)}" classname="gensyn" file="${text(job)}" time="${seconds(each.seconds)}"`;
    const kind = { failed: 'failure', error: 'error', skipped: 'skipped' }[status as string];
    if (kind === undefined) return `${head}/>`;
    return `${head}>\n      <${kind} message="${text(findings[0] ?? status)}">${text(findings.join('\n'))}</${kind}>\n    </testcase>`;
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites>',
    `  <testsuite name="gensyn ci" tests="${checks.length}" failures="${number('failed')}" errors="${number('error')}" skipped="${number('skipped')}" time="${seconds(time)}">`,
    ...cases,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}
