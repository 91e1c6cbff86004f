/** What the codes of the command line mean, and the texts of all packages together. */
import { RULES, onnxExplanations, type Explanation } from '@gensyn/ir';

export const explanations: readonly Explanation[] = [
  {
    code: 'U0101',
    title: 'Unknown option',
    text: 'The command has no such option. `gensyn <command> --help` lists those it has.',
  },
  { code: 'U0102', title: 'Unknown command', text: '`gensyn --help` lists the commands.' },
  {
    code: 'U0103',
    title: 'Missing argument',
    text: 'The command needs an argument that was not given. `gensyn <command> --help` shows how it is called.',
  },
  {
    code: 'U0104',
    title: 'Too many arguments',
    text: 'The command takes fewer arguments. A value that begins with a hyphen goes after `--`; one with spaces needs quotes.',
  },
  {
    code: 'U0105',
    title: 'An option has a value that it does not take',
    text: '`gensyn <command> --help` shows the values and their form.',
  },
  {
    code: 'U0106',
    title: 'Options that do not go together',
    text: 'Some options exclude each other, and some need another one. The message names them.',
  },
  {
    code: 'U0107',
    title: '--set or --axis is not name=value',
    text: 'Params of a job are set as --set width=256, each once. Text values are written as they are: --set file=other.csv. Free axes of an .onnx file get their lengths as --axis batch=16.',
  },
  {
    code: 'U0108',
    title: 'A fraction or list of numbers is malformed',
    text: 'Fractions are written 10% or 0.1; lists 3,5 or 1-4.',
  },
  {
    code: 'U0109',
    title: 'An amount or a time is malformed',
    text: 'Amounts of the token are written 12 or 12.5; times 90s, 30m, 12h or 7d.',
  },
  {
    code: 'U0110',
    title: 'A task cannot go on from that one',
    text: 'A task with --parent starts from the final state of a task that is done. The steps of its job are counted from the very first, through all tasks before it, so there must be more of them than the parent has done.',
  },
  {
    code: 'U0111',
    title: 'A task lacks a price',
    text: 'What a task pays is said by --reward-min and --reward-max, or by the market section of the job. The reward rises from the least to the most until a solver takes the task.',
  },
  {
    code: 'U0112',
    title: 'Segments are whole checkpoint intervals',
    text: 'A claim is over whole checkpoint intervals of the job, or over all its steps, so that each segment begins at a state that was committed to. `gensyn inspect` shows the interval.',
  },
  {
    code: 'U0201',
    title: 'No job in this folder',
    text: 'Without a job argument the job of the current folder is taken: job.gml, or the only .gml file there. `gensyn init <folder>` makes a new job.',
  },
  {
    code: 'U0202',
    title: 'Several jobs in this folder',
    text: 'There are several .gml files and none is named job.gml, so the one that is meant must be named.',
  },
  { code: 'U0203', title: 'No such file or folder', text: 'Paths are relative to the current folder.' },
  {
    code: 'U0204',
    title: 'Not a job, run or model of the kind needed',
    text: 'Jobs are .gml files; compiled jobs are folders with a job.json; runs are folders with a run.json too.',
  },
  {
    code: 'U0205',
    title: 'The folder is not empty',
    text: '`gensyn init` writes only into a folder that is new or empty, so that nothing is overwritten.',
  },
  {
    code: 'U0206',
    title: 'The folder already holds a run',
    text: 'Nothing is overwritten unasked. --resume goes on with an unfinished run, --fresh deletes it and starts over, --out names another folder.',
  },
  {
    code: 'U0207',
    title: 'No run to be found',
    text: 'Without an argument the newest run below runs/ is taken. `gensyn run` makes one.',
  },
  {
    code: 'U0208',
    title: 'A record of roots is malformed',
    text: 'golden.json beside a job holds the roots of its graphs, its data and some of its states, as `gensyn ci --update` writes them. This file is not of that form.',
  },
  {
    code: 'U0210',
    title: 'The predictions are not complete',
    text: 'A job that predicts goes once over the rows of its data, in an order of its own, so before its last step some of any part are missing. `gensyn run --resume` goes on with it.',
  },
  {
    code: 'U0301',
    title: 'A configuration file cannot be read',
    text: 'Settings stand in gensyn.toml, in this folder or one above, and in ~/.config/gensyn/config.toml. Both are TOML: device = "cpu", threads = 4, out = "/data/gensyn", keep = 3.',
  },
  {
    code: 'U0302',
    title: 'A setting has a value that it does not take',
    text: "The settings are device (cpu, gpu, webgpu, cuda), threads (1 to 1024), out (a folder) and keep (a number of checkpoints, or all). An option on the command line comes before a variable (GENSYN_DEVICE, GENSYN_THREADS, GENSYN_OUT, GENSYN_KEEP), which comes before gensyn.toml, which comes before the user's own file.",
  },
  {
    code: 'U0401',
    title: 'There is no such code',
    text: '`gensyn explain` without an argument lists all codes.',
  },
  {
    code: 'U0402',
    title: 'There is no such node',
    text: 'Nodes are named by their number or by their name in job.onnx, both shown by `gensyn inspect`.',
  },
  {
    code: 'U0403',
    title: 'Not for jobs in shards',
    text: 'A job in shards is trained by several replicas, each on data of its own, and the command works on one. The merged states can be sampled and exported as any other.',
  },
  {
    code: 'U0501',
    title: 'The model does not write text',
    text: '`gensyn sample` needs a model that reads one window of characters or bytes and learns which comes next: after the last of them (`chars 0 of line`), or after each of them, without a look at those that follow (`chars 1..context of text`).',
  },
  {
    code: 'U0502',
    title: 'The prompt has a character that the model does not know',
    text: 'A model of characters knows those of its alphabet: the distinct characters of the text that it was trained on, or the alphabet of the job. job.json holds it.',
  },
  {
    code: 'V0206',
    title: 'The state that a run came to is missing or damaged',
    text: 'Whatever segments are replayed, `gensyn verify` also holds the newest checkpoint against the last record. That file is missing or damaged, or it is another state than the record commits to, so what would be exported or gone on from is not what was proved. This proves nothing about the training; ask the owner of the run for the checkpoint, or let `gensyn run --resume` compute it again.',
  },
  {
    code: 'V0207',
    title: 'The predictions are not those that the run came to',
    text: 'predictions.npy or predictions.csv is not, byte for byte, what follows from the last state, which fits its record. The proof is about the state alone, so the file was changed after the run or damaged. `gensyn export` writes it again from the state.',
  },
  {
    code: 'U0900',
    title: 'Something went wrong inside gensyn',
    text: 'An error that no part of gensyn foresaw: a defect. GENSYN_DEBUG=1 shows where it happened; please report it with that and with what you did.',
  },
];

/** Of every package, by code. */
export async function allExplanations(): Promise<readonly Explanation[]> {
  const packages: readonly object[] = await Promise.all([
    import('@gensyn/ir'),
    import('@gensyn/dsl'),
    import('@gensyn/runtime'),
    import('@gensyn/verifier'),
    import('@gensyn/protocol'),
  ]);
  const lists = packages.flatMap((module) =>
    Object.entries(module).flatMap(([name, value]) =>
      /explanations$/i.test(name) ? (value as Explanation[]) : [],
    ),
  );
  const all = new Map<string, Explanation>();
  for (const each of [...explanations, ...onnxExplanations, ...Object.values(RULES), ...lists])
    all.set(each.code, each);
  return [...all.values()].sort((a, b) => (a.code < b.code ? -1 : 1));
}
