/** Challenges of one account, from the note to the game: committed to with a bond, made in a later block, taken back where moot. */
import { AbiCoder, keccak256, ZeroHash } from 'ethers';
import { claimEnded, readCommitment, readValues, settled, tokens, type Claim } from '../chain/index.js';
import type { Duties } from './duties.js';
import { newSalt, type Note } from './journal.js';
import type { Party } from './party.js';
import type { SeenChallenge } from './view.js';

/** All that making the challenge and playing its game need to know again after a restart. */
export interface ChallengeNote extends Note {
  readonly claim: number;
  /** 0 for the claim itself. */
  readonly seat: number;
  /** What this side commits to, and what it disputes: the claim's root, or the attested operator list; 0x-prefixed. */
  readonly root: string;
  readonly disputed: string;
  readonly salt: string;
  /** As the contract takes them. */
  readonly before: readonly string[];
  readonly first: readonly string[];
  /** Against a claim: the state roots that `root` is over, hex. */
  readonly roots?: readonly string[];
  /** Where the states for the game are: a run of this role's own, or the one before the interval in dispute. */
  readonly states: 'run' | { readonly step: number; readonly root: string };
  /** Block with the challenge. */
  readonly madeIn?: number;
}

export interface ChallengePlan {
  readonly claim: number;
  readonly seat: number;
  readonly root: string;
  readonly disputed: string;
  readonly before: readonly string[];
  readonly first: readonly string[];
  readonly roots?: readonly string[];
  readonly states: ChallengeNote['states'];
}

const noteName = (claim: number, seat: number): string => `challenge-${claim}-${seat}`;
const coder = AbiCoder.defaultAbiCoder();

/** What an attestation is committed to by. */
export function commitmentOf(
  claim: number,
  seat: number,
  content: string,
  account: string,
  salt: string,
): string {
  return keccak256(
    coder.encode(
      ['uint256', 'uint256', 'bytes32', 'address', 'bytes32'],
      [claim, seat, content, account, salt],
    ),
  );
}

/** What a challenge is committed to by: it names what it disputes, so that a reorganisation cannot turn it against anything else. */
export function challengeCommitment(
  { claim, seat, root, disputed, salt }: Pick<ChallengeNote, 'claim' | 'seat' | 'root' | 'disputed' | 'salt'>,
  account: string,
): string {
  return keccak256(
    coder.encode(
      ['uint256', 'uint256', 'bytes32', 'bytes32', 'address', 'bytes32'],
      [claim, seat, root, disputed, account, salt],
    ),
  );
}

export function challengeNote(party: Party, claim: number, seat: number): ChallengeNote | undefined {
  return party.journal.read<ChallengeNote>(noteName(claim, seat));
}

/** Decides to challenge. What was decided first stays, unless it is about another claim that had the number before a reorganisation. */
export function planChallenge(party: Party, plan: ChallengePlan): ChallengeNote {
  const known = challengeNote(party, plan.claim, plan.seat);
  if (known?.disputed === plan.disputed) return known;
  const note: ChallengeNote = { ...plan, salt: newSalt() };
  party.journal.write(noteName(plan.claim, plan.seat), note);
  return note;
}

/** Moves all planned challenges on. */
export async function pursueChallenges(party: Party, duties: Duties): Promise<void> {
  const { journal, view } = party;
  for (const name of journal.names('challenge-')) {
    const note = journal.read<ChallengeNote>(name);
    // A reorganisation may have undone the claim; it may come again.
    if (!note || !view.claims.has(note.claim)) continue;
    const claim = await view.claim(note.claim);
    const made = madeFrom(party, note);
    if (made && !(made.resolved && claimEnded(claim.status))) continue;
    // One commitment at a time for each claim.
    duties.begin(`challenge ${note.claim}`, () =>
      made ? putAway(party, claim, note, name) : pursue(party, claim, note, name),
    );
  }
}

/** The challenge that a note has led to, as far as the chain was read. */
function madeFrom({ view, isMe }: Party, note: ChallengeNote): SeenChallenge | undefined {
  return [...view.challenges.values()].find(
    ({ claim, seat, challenger, demand }) =>
      !demand && claim === note.claim && seat === note.seat && isMe(challenger),
  );
}

/** Whether nothing is left to be done about this account's challenges of a claim and of the attestations to it. */
export function challengesOver({ view, isMe }: Party, claim: number): boolean {
  return [...view.challenges.values()]
    .filter((each) => each.claim === claim && isMe(each.challenger))
    .every(({ seat, game, resolved, paid }) => {
      const prize = seat === 0 && view.games.get(game)?.outcome === 'challenger';
      return resolved && (paid || !prize);
    });
}

/** After the end of a challenge and its claim: takes back what was committed to a second time, and forgets the note. */
async function putAway(party: Party, claim: Claim, note: ChallengeNote, name: string): Promise<void> {
  const { hash } = await readCommitment(party.client, claim.id, party.account);
  if (hash === challengeCommitment(note, party.account)) await takeBack(party, claim, note);
  else party.journal.remove(name);
}

async function takeBack({ client, send }: Party, claim: Claim, { seat }: ChallengeNote): Promise<void> {
  await send(
    `take back the bond for ${targetOf(claim.id, seat)}`,
    () => client.market.takeBack.populateTransaction(claim.id),
    { task: claim.task, claim: claim.id, seat },
  );
}

const targetOf = (claim: number, seat: number): string =>
  seat === 0 ? `claim ${claim}` : `the attestation of seat ${seat} to claim ${claim}`;

async function pursue(party: Party, claim: Claim, note: ChallengeNote, name: string): Promise<void> {
  const { journal, view, account } = party;
  const { market } = party.client;
  const { hash } = await readCommitment(party.client, note.claim, account);
  const mine = challengeCommitment(note, account);
  // After a reorganisation the number may be another claim's, or the seat may have attested to something else; or not yet again.
  const said =
    claim.status === 'working'
      ? undefined
      : note.seat === 0
        ? claim.root
        : view.claims.get(claim.id)?.attested.get(note.seat);
  const stands = said === note.disputed;
  // Whoever has committed may still be right where somebody else was first.
  const open =
    claim.status === 'proven' ||
    (claim.status === 'slashed' && note.seat === 0 && view.now <= claim.windowsEnd);
  const about = { task: claim.task, claim: claim.id, seat: note.seat };
  const target = targetOf(claim.id, note.seat);
  if (hash === ZeroHash) {
    if (claimEnded(claim.status) || (said !== undefined && !stands)) {
      // What comes back is looked at again.
      if (note.seat === 0 && !claimEnded(claim.status)) journal.remove(`check-${note.claim}`);
      return journal.remove(name);
    }
    if (!stands) return;
    // It is in a block that was not read yet.
    if (note.madeIn !== undefined && view.block < note.madeIn) return;
    if (claim.status !== 'proven' || view.now > claim.challengeEnd) return;
    // A commitment cannot be changed, and the number may still become another claim's.
    if (view.block < claim.provenBlock + party.client.confirmations) return;
    // A process before this one may have made the challenge a moment ago, or be about to: a second commitment would bind a second bond.
    await settled(party.client);
    await view.refresh();
    if (madeFrom(party, note) || (await readCommitment(party.client, note.claim, account)).hash !== ZeroHash)
      return;
    const bond = await bondOf(party, claim);
    await party.stake(bond, () =>
      party.send(
        `commit to a challenge of ${target}, with a bond of ${tokens(bond)}`,
        () => market.commitChallenge.populateTransaction(note.claim, mine),
        about,
      ),
    );
  } else if (hash === mine && stands && open) {
    const receipt = await party.send(
      `challenge ${target}`,
      () =>
        market.challenge.populateTransaction(
          note.claim,
          note.seat,
          note.root,
          note.salt,
          [...note.before],
          [...note.first],
        ),
      about,
    );
    if (receipt) journal.write(name, { ...note, madeIn: receipt.blockNumber });
  } else if (claimEnded(claim.status)) {
    await takeBack(party, claim, note);
  }
}

async function bondOf({ client, view }: Party, claim: Claim): Promise<bigint> {
  const { version } = await view.task(claim.task);
  const { bondShare } = await readValues(client, version);
  return (claim.stake * BigInt(bondShare)) / 1_000_000n;
}
