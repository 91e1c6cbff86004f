/** The standard library of the job language. */
import { activations } from './activations.js';
import { attentions } from './attention.js';
import { convolutions } from './convolution.js';
import { layers } from './layers.js';
import { losses } from './losses.js';
import { normalizations } from './normalization.js';
import { recurrents } from './recurrent.js';
import { records } from './training.js';

export const libraryFunctions = [
  ...layers,
  ...convolutions,
  ...normalizations,
  ...attentions,
  ...recurrents,
  ...activations,
  ...losses,
];
export const recordFunctions = records;
