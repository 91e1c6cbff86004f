/** Notes are there whole or not at all, and those of one market are not taken for another's. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { openJournal, type JournalPlace } from '../../src/roles/journal.js';
import { codeOf } from '../code-of.js';

describe('the journal of a role', () => {
  let home: string;
  let place: JournalPlace;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'gensyn-journal-'));
    place = {
      home,
      chainId: 31337,
      genesis: `0x${'ab'.repeat(32)}`,
      market: `0x${'12'.repeat(20)}`,
      account: `0x${'34'.repeat(20)}`,
      role: 'solver',
    };
  });
  afterEach(() => rmSync(home, { recursive: true }));

  it('gives back what was noted, also to the next process', () => {
    const journal = openJournal(place);
    expect(journal.read('claim-1')).to.equal(undefined);
    journal.write('claim-1', { salt: '0x12' });
    expect(journal.once('claim-1', () => ({ salt: 'another' }))).to.deep.equal({ salt: '0x12' });
    journal.close();
    const again = openJournal(place);
    expect(again.read('claim-1')).to.deep.equal({ salt: '0x12' });
    expect(again.names('claim-')).to.deep.equal(['claim-1']);
    again.remove('claim-1');
    expect(again.names('claim-')).to.deep.equal([]);
    again.close();
  });

  it('keeps chains, markets, accounts and roles apart', () => {
    const journal = openJournal(place);
    journal.write('claim-1', { mine: true });
    const others: Partial<JournalPlace>[] = [
      { chainId: 1 },
      { genesis: `0x${'cd'.repeat(32)}` },
      { market: `0x${'56'.repeat(20)}` },
      { account: `0x${'78'.repeat(20)}` },
      { role: 'verifier' },
    ];
    for (const other of others) {
      const another = openJournal({ ...place, ...other });
      expect(another.read('claim-1')).to.equal(undefined);
      another.close();
    }
    journal.close();
  });

  it('is used by one process at a time', async () => {
    const journal = openJournal(place);
    expect(await codeOf(async () => openJournal(place))).to.equal('R0205');
    journal.close();
    openJournal(place).close();
  });

  it('forgets what a killed process had half written, and names a damaged note', async () => {
    const journal = openJournal(place);
    journal.write('claim-1', { salt: '0x12' });
    journal.close();
    const notes = join(journal.folder, 'notes');
    writeFileSync(join(notes, 'claim-2.json.partial'), '{"sal');
    writeFileSync(join(notes, 'claim-3.json'), '{"sal');
    const again = openJournal(place);
    expect(readdirSync(notes).sort()).to.deep.equal(['claim-1.json', 'claim-3.json']);
    expect(again.read('claim-1')).to.deep.equal({ salt: '0x12' });
    expect(await codeOf(async () => again.read('claim-3'))).to.equal('N0701');
    expect(await codeOf(async () => again.write('../claim', {}))).to.equal('N0702');
    again.close();
  });
});
