/** What the codes of roles mean. */
import type { Explanation } from '@gensyn/ir';

export const rolesExplanations: readonly Explanation[] = [
  {
    code: 'N0701',
    title: 'A note of a role is damaged',
    text: 'Roles note what they have decided before they act on it: salts, commitments, what a claim is. The file named in the message is there and holds no such note. Without its salt a commitment cannot be revealed; delete the file only if the claim that it is about has ended.',
  },
  {
    code: 'N0702',
    title: 'The notes of a role cannot be written',
    text: 'A role that cannot note what it has decided does nothing, for it could not go on after a restart. The folder (setting `home`) must be writable and have room.',
  },
  {
    code: 'N0705',
    title: 'A state for a game is missing',
    text: 'To defend a claim or a challenge, the states that it was computed from are kept in the folder of the role until the game is over. One of them is not there, so somebody has removed it; start the role with the folder that it had.',
  },
  {
    code: 'N0706',
    title: 'The graph could not be disputed',
    text: 'In a dispute, parts of the graph are sent to the chain, whose transactions have a limit. A graph with this many outputs or so long a header would be beyond it: whoever works on it could not defend the result, so it is left alone.',
  },
  {
    code: 'N0707',
    title: 'The state before a claim cannot be found',
    text: 'A claim starts from the state that was proven before it. What was published or recomputed has another root, so nothing can be said about the claim from here.',
  },
  {
    code: 'N0708',
    title: 'There is no such way to cheat',
    text: 'On a local chain `gensyn solve --cheat` takes one kind for each claim in turn: a wrong weight, other rows in a batch, another initial state, skipped steps, a wrong operator, a wrong partial result, a stale checkpoint, withheld artefacts; or a lie with silence, garbage or the same move again in its game. A place may follow: operator:12.5.3 is step 12 of the claim, node 5, element 3.',
  },
  {
    code: 'N0709',
    title: 'Cheating is for local chains only',
    text: 'The liars are there to see that they are caught. On any chain but a local one they would only lose money.',
  },
  {
    code: 'N0710',
    title: 'There is no game to show',
    text: 'Nobody has challenged the claim, or there is no such claim. `gensyn dispute --challenge` replays a claim and challenges it if it is wrong.',
  },
  {
    code: 'N0711',
    title: 'A task that is not done',
    text: 'The result of a task is the state after its last step, which counts once the claim over that step is settled: proven, and unchallenged or upheld until its windows have passed.',
  },
];
