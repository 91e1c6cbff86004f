/** gensyn governance: parameters of the market, and votes about them. */
import { Args, Flags } from '@oclif/core';
import { GensynError } from '@gensyn/ir';
import type { Governance as Council, MarketClient, Proposal, Support } from '@gensyn/protocol';
import { fromNow } from '../amounts.js';
import { GensynCommand } from '../command.js';
import { accountFlags, chainFlags, marketSettings, openMarketWith } from '../market-flags.js';

const ACTIONS = ['show', 'propose', 'vote', 'queue', 'execute'] as const;
const SUPPORT: readonly Support[] = ['for', 'against', 'abstain'];

export class Governance extends GensynCommand {
  static override summary = "The market's parameters, and votes about them.";
  static override description =
    'Holders of the token decide about some numbers, between bounds that nobody can change, for tasks that are submitted later. Nothing else can be decided.\n' +
    '  show     the parameters, and where proposals stand\n' +
    '  propose  other values: name=value, as often as needed\n' +
    '  vote     for, against or abstain: vote 1 for\n' +
    '  queue    puts an accepted proposal into the timelock\n' +
    '  execute  carries it out when its wait is over; anybody may';
  static override examples = [
    { description: 'What holds now:', command: '<%= config.bin %> governance show' },
    {
      description: 'Propose higher fees for verifiers:',
      command:
        '<%= config.bin %> governance propose feeShare=12% committee=4 --why "more checks" --account devnet:0',
    },
    { description: 'Vote for it:', command: '<%= config.bin %> governance vote 1 for --account devnet:0' },
    { description: 'When the vote is over:', command: '<%= config.bin %> governance queue 1' },
    { description: 'And when the wait is:', command: '<%= config.bin %> governance execute 1' },
  ];
  static override strict = false;
  static override args = {
    action: Args.string({ options: [...ACTIONS], required: true, description: 'What to do.' }),
    what: Args.string({ description: 'Parameters with values, or the number of a proposal (and a vote).' }),
  };
  static override flags = {
    why: Flags.string({ helpValue: 'text', description: 'For propose: the reason, for all to read.' }),
    ...accountFlags,
    ...chainFlags,
  };

  override async run(): Promise<unknown> {
    const { args, argv, flags } = await this.parse(Governance);
    const action = args.action as (typeof ACTIONS)[number];
    const rest = (argv as string[]).slice(1);
    const settings = await marketSettings(flags);
    const { parseChanges } = await import('../parameter-words.js');
    const changes = action === 'propose' ? parseChanges(rest) : {};
    const number = action === 'show' || action === 'propose' ? 0 : numberOf(action, rest);
    if (flags.why !== undefined && action !== 'propose')
      throw new GensynError('U0106', '--why goes with `gensyn governance propose` only');
    const client = await openMarketWith(settings, flags, { acts: action !== 'show' });
    try {
      const { carryOn, openGovernance, proposals, propose, vote } = await import('@gensyn/protocol');
      const council = await openGovernance(client);
      if (action === 'show') return await this.show(client, council);
      if (action === 'propose') {
        const why = flags.why ?? rest.join(', ');
        const id = await propose(client, council, changes, why);
        return await this.tell(client, council, (proposal) => proposal.id === id, 'Proposed.');
      }
      const proposal = (await proposals(client, council))[number - 1];
      if (!proposal) throw new GensynError('N0404', `there is no proposal ${number}`);
      if (action === 'vote') await vote(client, council, proposal, rest[1] as Support);
      else await carryOn(client, council, proposal, action);
      const done = { vote: 'Voted.', queue: 'It waits in the timelock.', execute: 'It holds from now on.' }[
        action
      ];
      return await this.tell(client, council, ({ id }) => id === proposal.id, done);
    } finally {
      await client.close();
    }
  }

  private async show(client: MarketClient, council: Council): Promise<unknown> {
    const { proposals, readValues } = await import('@gensyn/protocol');
    const [values, version, all] = await Promise.all([
      readValues(client),
      client.parameters.version().then(Number),
      proposals(client, council),
    ]);
    const [{ PARAMETERS, parameterText }, { table }] = await Promise.all([
      import('../parameter-words.js'),
      import('../table.js'),
    ]);
    if (this.jsonEnabled()) return { version, values, proposals: all };
    const rows = (Object.keys(PARAMETERS) as (keyof typeof PARAMETERS)[]).map((name) => [
      name,
      parameterText(name, values[name]),
      PARAMETERS[name][1],
    ]);
    this.log(table([`version ${version}`, 'value', ''], rows, [1]));
    for (const proposal of all) this.log(`\n${await this.text(client, proposal)}`);
    return undefined;
  }

  private async tell(
    client: MarketClient,
    council: Council,
    which: (proposal: Proposal) => boolean,
    title: string,
  ): Promise<unknown> {
    const { proposals } = await import('@gensyn/protocol');
    const proposal = (await proposals(client, council)).find(which)!;
    if (this.jsonEnabled()) return { proposal };
    this.log(`${title}\n\n${await this.text(client, proposal)}`);
    return undefined;
  }

  private async text(client: MarketClient, proposal: Proposal): Promise<string> {
    const [{ readValues, tokens }, { block }, { duration }, { PARAMETERS, parameterText }] =
      await Promise.all([
        import('@gensyn/protocol'),
        import('../job-summary.js'),
        import('../words.js'),
        import('../parameter-words.js'),
      ]);
    const { number, state, values, votes, voteStart, voteEnd, eta, proposer } = proposal;
    const [now, current] = await Promise.all([client.now(), readValues(client)]);
    const changed = (Object.keys(PARAMETERS) as (keyof typeof PARAMETERS)[]).filter(
      (name) => values && values[name] !== current[name],
    );
    const changes = values
      ? changed.map(
          (name) => `${name}: ${parameterText(name, current[name])} to ${parameterText(name, values[name])}`,
        )
      : ['something else than the parameters of this market'];
    // What somebody else wrote: nothing that a terminal would obey.
    const why = proposal.description.replace(/[^\x20-\x7e]/g, '?').slice(0, 400);
    const when = {
      pending: `the vote begins ${fromNow(voteStart, now, duration)}`,
      active: `the vote ends ${fromNow(voteEnd, now, duration)}`,
      queued: `may be executed ${fromNow(eta, now, duration)}`,
    }[state as string];
    return block([
      [`proposal ${number}`, `${state}${when === undefined ? '' : `; ${when}`}`],
      ['by', proposer],
      ['why', why],
      ['changes', changes.length > 0 ? changes : ['nothing that does not hold already']],
      [
        'votes',
        `${tokens(votes.for)} for, ${tokens(votes.against)} against, ${tokens(votes.abstain)} abstain`,
      ],
    ]);
  }
}

function numberOf(action: string, rest: readonly string[]): number {
  const usage = action === 'vote' ? 'gensyn governance vote 1 for' : `gensyn governance ${action} 1`;
  const wanted = action === 'vote' ? 2 : 1;
  if (rest.length < wanted)
    throw new GensynError('U0103', 'missing <what>', { help: `for instance \`${usage}\`` });
  if (rest.length > wanted) {
    throw new GensynError('U0104', `too many arguments: ${rest.slice(wanted).join(' ')}`, {
      help: `for instance \`${usage}\``,
    });
  }
  if (
    !/^\d{1,6}$/.test(rest[0]!) ||
    (action === 'vote' && !(SUPPORT as readonly string[]).includes(rest[1]!))
  )
    throw new GensynError('U0105', `'${rest.join(' ')}' is not understood`, {
      help: `for instance \`${usage}\``,
    });
  return Number(rest[0]);
}
