/** The standard library of the job language. */
import { activations } from './activations.js';
import { convolutions } from './convolution.js';
import { layers } from './layers.js';
import { losses } from './losses.js';
import { records } from './training.js';

export const libraryFunctions = [...layers, ...convolutions, ...activations, ...losses];
export const recordFunctions = records;
