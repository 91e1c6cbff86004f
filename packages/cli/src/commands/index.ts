/** All commands by name; oclif reads this table. */
import { Account } from './account.js';
import { Ci } from './ci.js';
import { Compile } from './compile.js';
import { Data } from './data.js';
import { Devnet } from './devnet.js';
import { Dispute } from './dispute.js';
import { Doctor } from './doctor.js';
import { Explain } from './explain.js';
import { Export } from './export.js';
import { Fmt } from './fmt.js';
import { Governance } from './governance.js';
import { Init } from './init.js';
import { Inspect } from './inspect.js';
import { Lint } from './lint.js';
import { Market } from './market.js';
import { Referee } from './referee.js';
import { Run } from './run.js';
import { Sample } from './sample.js';
import { Settle } from './settle.js';
import { Solve } from './solve.js';
import { Status } from './status.js';
import { Submit } from './submit.js';
import { Verify } from './verify.js';
import { Watch } from './watch.js';
import { Withdraw } from './withdraw.js';

export const COMMANDS = {
  compile: Compile,
  run: Run,
  verify: Verify,
  ci: Ci,
  lint: Lint,
  inspect: Inspect,
  export: Export,
  sample: Sample,
  data: Data,
  fmt: Fmt,
  doctor: Doctor,
  referee: Referee,
  devnet: Devnet,
  account: Account,
  submit: Submit,
  solve: Solve,
  watch: Watch,
  dispute: Dispute,
  status: Status,
  market: Market,
  settle: Settle,
  withdraw: Withdraw,
  governance: Governance,
  explain: Explain,
  init: Init,
};
