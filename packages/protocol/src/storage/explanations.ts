/** What the codes of storage and artefacts mean. */
import type { Explanation } from '@gensyn/ir';

export const storageExplanations: readonly Explanation[] = [
  {
    code: 'N0501',
    title: 'Nobody has it',
    text: 'No store named in the setting `store` has the bytes that this CID stands for. The notes say what each of them answered; bytes that do not fit their CID count as none. Whoever published the CID may have taken them away, or is not reachable from these nodes.',
  },
  {
    code: 'N0502',
    title: 'What is stored is malformed or too much',
    text: 'The bytes are those of the CID, but the CID stands for something else than it should: no folder, names that lead elsewhere, sizes that do not add up, a file longer or a folder fuller than the job allows. That is the doing of whoever published it, so for a verifier it is as good as missing.',
  },
  {
    code: 'N0503',
    title: 'It cannot be stored',
    text: 'A folder cannot be written, or no IPFS node took the files in. Where the setting `store` names nodes, one of them at least must have everything: a folder of one machine alone is no place from which others can fetch.',
  },
  {
    code: 'N0504',
    title: 'No store answers',
    text: 'No IPFS node of the setting `store` can be reached, so nothing is known of what they have. Is the node running, and does its API listen at that address?',
  },
  {
    code: 'N0505',
    title: 'The setting `store` names no store',
    text: 'It is a list of folders and of addresses of IPFS nodes (http:// or https://), with commas between them.',
  },
  {
    code: 'N0506',
    title: 'The artefacts are not those of the chain',
    text: 'What the CID holds is well-formed, but belongs to something else: records whose tree has another root than the claim, a state with another root than its record, a job that is not the registered one. Nobody has to work with it.',
  },
];
