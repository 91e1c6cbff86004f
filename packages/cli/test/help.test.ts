/** Help, versions and colours. */
import { expect } from 'chai';
import { COMMANDS } from '../src/commands/index.js';
import { gensyn, gensynJson } from './gensyn.js';

describe('help', () => {
  for (const name of Object.keys(COMMANDS)) {
    it(`of ${name} has usage and examples`, async () => {
      const [direct, through] = await Promise.all([gensyn([name, '--help']), gensyn(['help', name])]);
      expect(direct.code).to.equal(0);
      expect(direct.stdout).to.include(`$ gensyn ${name}`).and.include('EXAMPLES');
      expect(direct.stderr).to.equal('');
      expect(through.stdout).to.equal(direct.stdout);
    });
  }

  it('has one meaning for each letter and name of an option', async () => {
    for (const [name, command] of Object.entries(COMMANDS)) {
      const flags = Object.entries(command.flags ?? {});
      const called = flags.flatMap(([long, { char, aliases = [] }]) => [
        long,
        ...(char ? [char] : []),
        ...aliases,
      ]);
      expect(called, name).to.have.length(new Set(called).size);
    }
  });

  it('lists every command', async () => {
    const [bare, asked] = await Promise.all([gensyn([]), gensyn(['--help'])]);
    expect(bare.code).to.equal(0);
    expect(bare.stdout).to.equal(asked.stdout);
    for (const name of Object.keys(COMMANDS)) expect(asked.stdout).to.match(new RegExp(`^  ${name}\\s`, 'm'));
  });
});

describe('version', () => {
  it('is one line, or one document', async () => {
    expect((await gensyn(['--version'])).stdout).to.match(/^gensyn \d+\.\d+\.\d+\n$/);
    expect((await gensynJson(['--version'])).document).to.have.key('version');
  });
});

describe('colours', () => {
  const ESCAPE = '\u001b[';

  it('are used where they are asked for', async () => {
    expect((await gensyn(['explain', 'G0105'], { env: { FORCE_COLOR: '1' } })).stdout).to.include(ESCAPE);
    expect((await gensyn(['compile', 'x.gml'], { env: { FORCE_COLOR: '1' } })).stderr).to.include(ESCAPE);
  });

  it('are absent in pipes, with NO_COLOR and with --no-color', async () => {
    const outcomes = await Promise.all([
      gensyn(['explain', 'G0105']),
      gensyn(['compile', 'x.gml']),
      gensyn(['explain', 'G0105'], { env: { FORCE_COLOR: '1', NO_COLOR: '1' } }),
      gensyn(['explain', 'G0105', '--no-color'], { env: { FORCE_COLOR: '1' } }),
      gensyn(['explain', 'G0105', '--json'], { env: { FORCE_COLOR: '1' } }),
      gensyn(['--help'], { env: { NO_COLOR: '1' } }),
    ]);
    for (const { stdout, stderr } of outcomes) expect(stdout + stderr).to.not.include(ESCAPE);
  });
});
